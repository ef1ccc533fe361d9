/** Searches for the capacity of every server that has such a cell, one after the other while all are alive. */
import { NoCapacity } from "../capacity/search.ts";
import { residentBytes } from "../machine/proc.ts";
import type { Sample } from "../results/run.ts";
import { machineNow, machineSince } from "../rotation/machine-watch.ts";
import { sumObserved } from "../statistics/observed.ts";
import { measuredOn } from "./alive.ts";
import { searchServer } from "./load-server.ts";
import { explained, failedSample, failureOf, judgedSample } from "./sample.ts";
import type { Entrant, Outcome, WorkloadRequest } from "./workload.ts";

/** A search is many loads of which each follows from the one before, so servers cannot take turns in it. */
export async function searchAll(
  request: WorkloadRequest,
  objective: string,
  keep: (outcome: Outcome) => void,
): Promise<void> {
  for (const entrant of request.entrants) {
    request.signal.throwIfAborted();
    request.onPhase("searching", entrant);
    try {
      keep({ entrant, sample: await searchOne(request, entrant, objective) });
    } catch (error) {
      request.signal.throwIfAborted();
      // Where the load generator failed, or an agent, nothing is said of the server.
      if (!(error instanceof NoCapacity)) throw error;
      keep({ entrant, sample: failedSample(request.origin, await explained(error, entrant.server)) });
    }
  }
}

async function searchOne(
  { workload, entrants, plan, origin, generator }: WorkloadRequest,
  { planned, server, pids, warmupSeconds }: Entrant,
  objective: string,
): Promise<Sample> {
  const measured = measuredOn(plan, entrants);
  const began = machineNow(measured);
  const target = { protocol: planned.cell.protocol, server, serverPids: pids, plan, seed: origin.seed };
  const timing = { warmupSeconds, durationSeconds: plan.durationSeconds };
  const load = await searchServer(target, workload.load, objective, { generator, timing });
  const machine = machineSince(began, measured);
  const observation = {
    ...{ loop: workload.load.loop, counters: null, machine },
    serverCpuCount: plan.serverCpus.length,
  };
  return {
    ...judgedSample(origin, load, observation, await failureOf(load, server)),
    serverRssBytes: sumObserved(pids.map((pid) => residentBytes(pid))),
  };
}
