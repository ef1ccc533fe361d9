/** What a workload asks of the load generator, for one server. */
import type { LoadRequest, Protocol } from "../contract.ts";
import { searchCapacity, type Timing } from "../capacity/search.ts";
import type { Generator } from "../children/generator/generator.ts";
import type { LoadJob } from "../children/generator/job.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import { parseObjective } from "../results/objective.ts";
import type { LoadResult, Plan } from "../results/run.ts";

export interface Target {
  protocol: Protocol;
  server: Pick<ServerUnderTest, "host" | "port">;
  /** The processes whose CPU clocks are read as the server's. */
  serverPids: readonly number[];
  plan: Pick<Plan, "clientCpus" | "serverCpus" | "timeoutSeconds">;
  seed: number;
}

/** Sessions ignore the times. */
export function jobFor(
  { protocol, server, serverPids, plan, seed }: Target,
  load: LoadRequest,
  { warmupSeconds, durationSeconds }: Timing = { warmupSeconds: 0, durationSeconds: 1 },
): LoadJob {
  return {
    ...load,
    ...{ protocol, seed, warmupSeconds, durationSeconds, serverPids },
    host: server.host,
    port: server.port,
    timeoutSeconds: plan.timeoutSeconds,
    threads: plan.clientCpus.length,
    cpus: plan.clientCpus,
    // Spinning keeps the schedule to the microsecond, but on a shared CPU it would starve the server.
    spin: load.loop === "open" && !plan.clientCpus.some((cpu) => plan.serverCpus.includes(cpu)),
  };
}

/** The same requests as fast as the server answers them: a warm-up for a load that has a rate. */
export function atFullSpeed({
  ratePerSecond: _rate,
  arrivals: _arrivals,
  ...load
}: LoadRequest): LoadRequest {
  return load.loop === "open" ? { ...load, loop: "closed" } : load;
}

/** Searches for the capacity of a server. */
export function searchServer(
  target: Target,
  load: LoadRequest,
  objective: string,
  { generator, timing }: { generator: Generator; timing: Timing },
): Promise<LoadResult> {
  // Each step has a schedule of its own, so that no two meet the same bursts.
  let { seed } = target;
  const run = (request: LoadRequest, step: Timing): Promise<LoadResult> =>
    generator.run(jobFor({ ...target, seed: seed++ }, request, step));
  return searchCapacity(parseObjective(objective), timing, {
    closed: (step) => run(atFullSpeed(load), step),
    open: (ratePerSecond, step) => run({ ...load, loop: "open", ratePerSecond }, step),
  });
}
