/** `npm run schema`: writes the published JSON Schemas, which follow from the definitions in harness/results. */
import { join } from "node:path";
import { PROJECT_ROOT } from "../harness/project.ts";
import { replaceFile } from "../harness/results/replace-file.ts";
import { gateSchema, runSchema } from "../harness/results/schema.ts";

for (const [name, schema] of [
  ["run", runSchema()],
  ["gate", gateSchema()],
] as const) {
  const file = join(PROJECT_ROOT, "results", "schema", `${name}.schema.json`);
  replaceFile(file, `${JSON.stringify(schema, null, 2)}\n`);
  process.stdout.write(`readymark: wrote ${file}\n`);
}
