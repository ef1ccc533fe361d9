/** What a test listens with. */
import type { ListenOptions, Protocol } from "../../../harness/contract.ts";
import { discoverFrameworks, peersOf } from "../../../harness/plan/discovery.ts";

export const frameworks = await discoverFrameworks();

/** Every variant that can run here, with one of its protocols. */
export const runnable = (
  await Promise.all(
    frameworks.flatMap(({ framework, variants }) =>
      variants.map(async (variant) => {
        const availability = await variant.availability();
        const protocol = variant.protocols[0] as Protocol;
        return { framework, variant: variant.name, protocol, shardable: variant.shardable, availability };
      }),
    ),
  )
).filter(({ availability }) => availability.available);

export function frameworkNamed(name: string): (typeof frameworks)[number]["framework"] {
  const found = frameworks.find(({ framework }) => framework.name === name);
  if (!found) throw new Error(`There is no framework "${name}".`);
  return found.framework;
}

export function listenOptions(options: Partial<ListenOptions>): ListenOptions {
  return {
    protocol: "tcp",
    variant: "default",
    host: "127.0.0.1",
    port: 0,
    reusePort: false,
    shards: 2,
    peers: peersOf(frameworks).map(({ name, moduleUrl, variants }) => ({
      name,
      moduleUrl,
      variants: variants.map((variant) => variant.name),
    })),
    ...options,
  };
}
