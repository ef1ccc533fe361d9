/**
 * The gate's configuration file, `readymark.config.ts`: what a project has its gate compare, with which margins and within
 * which budget, so that nobody has to repeat it on a command line.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Type } from "typebox";
import { PROTOCOLS, type Protocol } from "../contract.ts";
import { Failure } from "../failure.ts";
import { count, listOf, oneOf, positive, record, text, type Static } from "../results/define.ts";
import {
  ENDPOINT_IDS,
  gateMargins,
  SYSTEM_CALL_POLICIES,
  type EndpointId,
  type GateMargins,
} from "../results/gate.ts";
import { problemsIn } from "../results/validate.ts";

/** Where the gate looks for it unless told: in the folder that it is started in. */
export const CONFIG_FILE = "readymark.config.ts";

const target = record("A server of your own, which each side starts in its own folder.", {
  name: text("What reports call it."),
  command: text("A shell command that listens on the port in its environment variable PORT."),
  setup: Type.Optional(text("A shell command that makes a fresh checkout ready, for example `npm ci`.")),
});
export interface GateTarget extends Static<typeof target> {}

const optionalList = (description: string) => Type.Optional(listOf(text(), description));

export const gateConfig = record(
  "What a gate compares and how. Whatever is left out is as the command line has it.",
  {
    base: Type.Optional(text("A commit, branch, tag or folder that is compared with.")),
    head: Type.Optional(text("A commit, branch, tag or folder that is compared.")),
    targets: Type.Optional(
      listOf(target, "Your servers. Without any, servers of readymark's own checkouts."),
    ),
    frameworks: optionalList(
      "Servers of readymark's checkouts, such as `reactor/epoll`; not together with `targets`.",
    ),
    scenarios: optionalList("Workloads, such as `echo`."),
    protocols: Type.Optional(
      listOf(oneOf(PROTOCOLS, "A wire protocol."), "Wire protocols that the servers speak."),
    ),
    connections: Type.Optional(listOf(count(undefined, { minimum: 1 }), "Connections of the load.")),
    margins: Type.Optional(
      Type.Object(Object.fromEntries(ENDPOINT_IDS.map((id) => [id, Type.Optional(gateMargins)])), {
        additionalProperties: false,
        description: "What is ignorable and what must be caught, by endpoint.",
      }),
    ),
    budget: Type.Optional(
      record("What a gate may take.", {
        blocks: Type.Optional(count("Blocks at most.", { minimum: 8 })),
        minutes: Type.Optional(positive("No block begins later than this.")),
      }),
    ),
    durationSeconds: Type.Optional(positive("Measured time of each server in each block.")),
    warmupSeconds: Type.Optional(positive("Load that a server gets before it counts, at least.")),
    systemCalls: Type.Optional(
      oneOf(
        SYSTEM_CALL_POLICIES,
        "Whether more system calls for each operation fail a head, are reported, or not counted.",
      ),
    ),
  },
);

/** See `gateConfig`, which says what each field means. */
export interface GateConfig extends Omit<Static<typeof gateConfig>, "margins" | "protocols" | "targets"> {
  targets?: GateTarget[];
  protocols?: Protocol[];
  margins?: Partial<Record<EndpointId, GateMargins>>;
}

/** Gives an editor the types; the default export of `readymark.config.ts` is what this returns. */
export function defineConfig(config: GateConfig): GateConfig {
  return config;
}

/**
 * The configuration in `file`; that of the current folder when it is null, or an empty one where there is none. Rejects with
 * a Failure that names the fields at fault.
 */
export async function readConfig(file: string | null): Promise<GateConfig> {
  const path = resolve(file ?? CONFIG_FILE);
  if (!existsSync(path)) {
    if (file === null) return {};
    throw new Failure(2, `There is no configuration file ${path}.`);
  }
  const module = (await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new Failure(
      2,
      `${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  })) as { default?: unknown };
  const problems = problemsIn(module.default, gateConfig, "a configuration");
  if (problems.length > 0)
    throw new Failure(
      2,
      `${path} is no configuration of the gate; its default export should be what defineConfig returns.\n  ${problems.join("\n  ")}`,
    );
  const config = module.default as GateConfig;
  if (config.targets !== undefined && config.frameworks !== undefined)
    throw new Failure(2, `${path} names both targets and frameworks; a gate compares one kind at a time.`);
  return config;
}
