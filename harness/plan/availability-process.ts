/** Prints, as JSON, which servers can run on the Node.js that this runs on. */
import { discoverFrameworks } from "./discovery.ts";

const answers = (await discoverFrameworks()).flatMap(({ framework, variants }) =>
  variants.map(
    async (variant) => [`${framework.name}/${variant.name}`, await variant.availability()] as const,
  ),
);
process.stdout.write(JSON.stringify(Object.fromEntries(await Promise.all(answers))));
