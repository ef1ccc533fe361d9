/** Puts one load of a scenario on a running server, whose observer is the caller. */
import type { LoadRequest, Scenario } from "../contract.ts";
import { parseObjective } from "../results/objective.ts";
import { searchCapacity, type Timing } from "../capacity/search.ts";
import { openIdleConnections, type IdleConnections } from "../children/idle-connections/idle-connections.ts";
import type { Cell, LoadResult, Plan } from "../results/run.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import type { Generator } from "../children/generator/generator.ts";

export interface Loading {
  cell: Pick<Cell, "protocol" | "parameters">;
  scenario: Scenario;
  plan: Pick<Plan, "clientCpus" | "serverCpus" | "timeoutSeconds">;
  seed: number;
  warmupSeconds: number;
  durationSeconds: number;
  server: ServerUnderTest;
  /** The processes whose CPU clocks are read as the server's. */
  serverPids: readonly number[];
  generator: Generator;
  /** Gets the idle connections that the scenario opens; the caller closes them. */
  idleConnections: IdleConnections[];
  /** Gets the path of the live counters' shared memory before the first connection of each load, and its window. */
  onCounters(path: string, durationSeconds: number): void;
}

export function loadServer(loading: Loading): Promise<LoadResult> {
  const { cell, scenario, plan, server } = loading;
  return scenario.measure({
    parameters: cell.parameters,
    openIdle: async (connections) => {
      loading.idleConnections.push(await openIdleConnections(server, connections, plan.clientCpus));
    },
    load: (request) =>
      request.loop === "open" ? warmAndLoad(loading, request) : runLoad(loading, request, loading),
    search: (request, objective) => {
      // Each step has a schedule of its own, so that no two meet the same bursts.
      let seed = loading.seed;
      return searchCapacity(parseObjective(objective), loading, {
        closed: (timing) => runLoad({ ...loading, seed: seed++ }, { ...request, loop: "closed" }, timing),
        open: (ratePerSecond, timing) =>
          runLoad({ ...loading, seed: seed++ }, { ...request, loop: "open", ratePerSecond }, timing),
      });
    },
  });
}

/** What of an open loop's warm-up goes at full speed. */
const FULL_SPEED_SHARE = 2 / 3;

/**
 * A virtual machine compiles what has run often, and while it does, requests wait. At the offered rate that would take
 * seconds, and the compiler's pauses would be published as the server's latency.
 */
async function warmAndLoad(loading: Loading, request: LoadRequest): Promise<LoadResult> {
  const fullSpeedSeconds = loading.warmupSeconds * FULL_SPEED_SHARE;
  if (fullSpeedSeconds > 0) {
    const warmup = await runLoad(
      { ...loading, onCounters: () => undefined },
      { ...request, loop: "closed" },
      { warmupSeconds: 0, durationSeconds: fullSpeedSeconds },
    );
    // A server with errors under full load has failed, and no number of it counts.
    if (Object.values(warmup.accounting.errors).some((count) => count > 0)) return warmup;
  }
  const warmupSeconds = loading.warmupSeconds - fullSpeedSeconds;
  return runLoad(loading, request, { ...loading, warmupSeconds });
}

function runLoad(
  { cell, plan, seed, server, serverPids, generator, onCounters }: Loading,
  request: LoadRequest,
  { warmupSeconds, durationSeconds }: Timing,
): Promise<LoadResult> {
  return generator.run(
    {
      ...request,
      protocol: cell.protocol,
      host: server.host,
      port: server.port,
      seed,
      warmupSeconds,
      durationSeconds,
      timeoutSeconds: plan.timeoutSeconds,
      threads: plan.clientCpus.length,
      cpus: plan.clientCpus,
      // Spinning keeps the schedule to the microsecond, but on a shared CPU it would starve the server.
      spin: request.loop === "open" && !plan.clientCpus.some((cpu) => plan.serverCpus.includes(cpu)),
      serverPids,
    },
    (path) => onCounters(path, durationSeconds),
  );
}
