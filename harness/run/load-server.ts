/** Puts one load of a scenario on a running server, for whoever wants to look at the server meanwhile. */
import type { Scenario } from "../contract.ts";
import { gatherCrowd, type Crowd } from "../crowd/crowd.ts";
import type { Cell, LoadResult, Plan } from "../results/run.ts";
import type { ServerUnderTest } from "../servers/server.ts";
import type { Generator } from "./generator.ts";

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
  /** Gets the crowds the scenario asks for; the caller disperses them. */
  crowds: Crowd[];
  /** Gets the path of the live counters' shared memory before the first connection. */
  onCounters(path: string): void;
}

export function loadServer(loading: Loading): Promise<LoadResult> {
  const { cell, scenario, plan, server, generator } = loading;
  return scenario.measure({
    parameters: cell.parameters,
    hold: async (connections) => {
      loading.crowds.push(await gatherCrowd(server, connections, plan.clientCpus));
    },
    load: (loadRequest) =>
      generator.run(
        {
          ...loadRequest,
          protocol: cell.protocol,
          host: server.host,
          port: server.port,
          seed: loading.seed,
          warmupSeconds: loading.warmupSeconds,
          durationSeconds: loading.durationSeconds,
          timeoutSeconds: plan.timeoutSeconds,
          threads: plan.clientCpus.length,
          cpus: plan.clientCpus,
          // Spinning keeps the schedule to the microsecond, but on a shared CPU it would starve the server.
          spin: loadRequest.loop === "open" && !plan.clientCpus.some((cpu) => plan.serverCpus.includes(cpu)),
          serverPids: loading.serverPids,
        },
        loading.onCounters,
      ),
  });
}
