/** What the tests of tracing measure, and with what. */
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import type { PlannedCell } from "../../../harness/plan/cells.ts";
import type { Plan } from "../../../harness/results/run.ts";
import type { BackEnd, Scenario } from "../../../harness/contract.ts";
import { discoverFrameworks, discoverScenarios, peerModulesOf } from "../../../harness/plan/discovery.ts";
import { assignCpus } from "../../../harness/plan/cpus.ts";
import { tracePass, type TracedPass } from "../../../harness/run/traced-pass.ts";
import { frameworkSource } from "../../../harness/children/server/framework-server.ts";
import type { ServerSource } from "../../../harness/children/server/server.ts";
import { findTracer } from "../../../harness/machine/tracers/find-tracer.ts";
import { perfTracer } from "../../../harness/machine/tracers/perf.ts";
import { straceTracer } from "../../../harness/machine/tracers/strace.ts";
import type { Tracer } from "../../../harness/machine/tracers/tracer.ts";

export const cpus = allowedCpus();

/** Each tracer that works here, by its name, or why it does not. */
export const tracers: { tool: string; tracer: Tracer | null; reason: string }[] = [];
for (const make of [perfTracer, straceTracer]) {
  const choice = await findTracer(cpus, [make]);
  const reason = choice.tracer === null ? choice.reason : "";
  tracers.push({ tool: make === perfTracer ? "perf" : "strace", tracer: choice.tracer, reason });
}

const frameworks = await discoverFrameworks();

/** A source of one of the project's servers over tcp, and what its variant says it waits in. */
export function serverNamed(
  name: string,
  variant: string,
): { source: ServerSource; backEnd: BackEnd | null } {
  const discovered = frameworks.find(({ framework }) => framework.name === name);
  const found = discovered?.variants.find((one) => one.name === variant);
  if (!discovered || !found) throw new Error(`There is no server ${name}/${variant}.`);
  return {
    source: frameworkSource({
      moduleUrl: discovered.moduleUrl,
      variant,
      peers: peerModulesOf(frameworks),
    }),
    backEnd: found.backEnd ?? null,
  };
}

const plan = {
  ...assignCpus(null, null),
  seed: 1,
  shards: 2,
  port: 0,
  timeoutSeconds: 5,
} as Plan;

export async function scenarioNamed(name: string): Promise<Scenario> {
  const found = (await discoverScenarios()).find((one) => one.name === name);
  if (!found) throw new Error(`There is no scenario ${name}.`);
  return found;
}

/** Traces echoes over tcp on eight connections. */
export async function traceEchoes(
  source: ServerSource,
  tracer: Tracer,
  signal = new AbortController().signal,
): Promise<TracedPass> {
  const scenario = await scenarioNamed("echo");
  const cell = { protocol: "tcp", parameters: { connections: 8, payloadBytes: 64, pipeline: 1 } } as unknown;
  return tracePass({ cell: cell as PlannedCell["cell"], scenario, source, plan, tracer, signal });
}
