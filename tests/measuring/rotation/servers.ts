/** Servers that behave in one peculiar way, each in a process of its own, and generations of them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Parameters } from "../../../harness/contract.ts";
import { commandServer } from "../../../harness/children/server/external-server.ts";
import type { ServerSource } from "../../../harness/children/server/server.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import type { PlannedCell } from "../../../harness/plan/cells.ts";
import { assignCpus } from "../../../harness/plan/cpus.ts";
import type { Plan, Sample } from "../../../harness/results/run.ts";
import { measureGeneration } from "../../../harness/run/generation.ts";
import { scenarioNamed } from "../../system/run/traced-servers.ts";

export const hasCpusForBoth = allowedCpus().length > 1;

export const PLAN = {
  ...assignCpus(null, null),
  ...{ seed: 1, shards: 2, port: 0, timeoutSeconds: 5, generations: 1 },
  ...{ warmupSeconds: 0.3, warmupLimitSeconds: 0.5, durationSeconds: 0.36 },
  ...{ sliceSeconds: 0.06, discardSeconds: 0.01, isolated: false },
} as Plan;

const PARAMETERS: Record<string, Parameters> = {
  echo: { connections: 4, payloadBytes: 64, pipeline: 1 },
  latency: { ratePerSecond: 1000, connections: 4, payloadBytes: 64, arrivals: "constant" },
};

/** An echo server on PORT in which `body` may use `server` and `onMessage(handler)`, called before each answer. */
export function peculiarServer(folder: string, name: string, body: string): ServerSource {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { createServer } from "node:net";
const handlers = [];
const onMessage = (handler) => handlers.push(handler);
const spin = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    for (const handler of handlers) handler();
    socket.write(chunk);
  });
}).listen(Number(process.env.PORT), "127.0.0.1");
${body}
`,
  );
  return commandServer(`exec '${process.execPath}' '${file}'`);
}

/** One generation of these servers under a scenario over tcp, and the cells of those that were put apart. */
export async function generationOf(
  sources: Record<string, ServerSource>,
  scenario: string,
  plan: Partial<Plan> = {},
  onPhase: (phase: string) => void = () => undefined,
): Promise<{ samples: Record<string, Sample>; apart: Record<string, string> }> {
  const found = await scenarioNamed(scenario);
  const cells = Object.entries(sources).map(([framework, source]): PlannedCell => ({
    source,
    scenario: found,
    cell: {
      ...{ framework, variant: "default", protocol: "tcp", scenario, loop: found.loop },
      ...{ parameters: PARAMETERS[scenario], samples: [], conformance: [] },
    } as unknown as PlannedCell["cell"],
  }));
  const { apart } = await measureGeneration({
    ...{ plan: { ...PLAN, ...plan }, cells, generation: 0, alone: null },
    signal: new AbortController().signal,
    onPhase,
  });
  return {
    samples: Object.fromEntries(
      cells.flatMap(({ cell }) => cell.samples.map((sample) => [cell.framework, sample])),
    ),
    apart: Object.fromEntries(apart.map(({ member, reason }) => [member.name, reason])),
  };
}
