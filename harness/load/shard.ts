/** One load from this machine: a whole one, or one shard of a load that several machines share. */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { startGenerator } from "../children/generator/generator.ts";
import { validateJob, type LoadJob } from "../children/generator/job.ts";
import { allowedCpus } from "../machine/cpu-list.ts";
import { isOwnAddress, listenersOn } from "../machine/proc.ts";
import type { WholeLoad, ShardRecord } from "../results/shard.ts";
import { SHARD_SCHEMA } from "../results/shard.ts";

export interface ShardRequest {
  whole: WholeLoad;
  /** Which of how many, from 1. */
  index: number;
  shards: number;
  /** Generator threads of each shard. */
  threads: number;
  /** Where they run; empty for wherever there is room. */
  cpus: readonly number[];
  /** When all shards begin, by the clocks of their machines; null for at once. */
  startAt: Date | null;
  signal: AbortSignal;
}

/** Before the start, for connections to open. */
const OPEN_AHEAD_MS = 3000;

/** Rejects with a RangeError for a load that cannot be, and with the signal's reason when aborted. */
export async function runShard(request: ShardRequest): Promise<ShardRecord> {
  const { whole, index, shards, threads, cpus, startAt, signal } = request;
  const job = jobOf(request);
  validateJob(job);
  // Servers close connections that ask for nothing, some after few seconds.
  const aheadMs = (startAt?.getTime() ?? 0) - Date.now() - OPEN_AHEAD_MS;
  if (aheadMs > 0) await delay(aheadMs, undefined, { signal });
  const generator = startGenerator(cpus.length === 0 ? allowedCpus() : cpus);
  signal.addEventListener("abort", generator.stop);
  try {
    const session = await generator.openSession(job);
    const startNs = startAt === null ? 0 : monotonicAt(startAt);
    const load = await session.run({
      ...{ startNs, discardSeconds: whole.warmupSeconds, durationSeconds: whole.durationSeconds },
      ...{ seed: whole.seed, stallSeconds: 0, neighbourPids: [] },
    });
    return {
      ...{ schema: SHARD_SCHEMA, whole, index, shards, threads, machine: hostname() },
      startAt: startAt?.toISOString() ?? null,
      startErrorNs: startAt === null ? null : load.startedNs - startNs,
      load,
    };
  } finally {
    signal.removeEventListener("abort", generator.stop);
    await generator.stop();
    signal.throwIfAborted();
  }
}

function jobOf({ whole, index, shards, threads, cpus }: ShardRequest): LoadJob {
  return {
    ...loadOf(whole),
    ...{ threads, cpus, spin: whole.loop === "open" && cpus.length > 0 },
    serverPids: shards === 1 && isOwnAddress(whole.host) ? listenersOn(whole.port) : [],
    ...(shards === 1 ? {} : { shard: { firstThread: (index - 1) * threads, allThreads: shards * threads } }),
  };
}

/** What the load generator is asked for, without where it runs. */
export function loadOf(whole: WholeLoad): Omit<LoadJob, "threads" | "cpus" | "spin" | "serverPids"> {
  const { ratePerSecond, arrivals, closeMode, ...rest } = whole;
  return {
    ...rest,
    ...(ratePerSecond === null ? {} : { ratePerSecond }),
    ...(arrivals === null ? {} : { arrivals }),
    ...(closeMode === null ? {} : { closeMode }),
  };
}

/** A moment of the wall clock on the monotonic one, nanoseconds; one that has passed means at once. */
function monotonicAt(moment: Date): number {
  // The clock as it is now, which may have been set since this process began.
  const aheadMs = moment.getTime() - Date.now();
  return Number(process.hrtime.bigint()) + aheadMs * 1e6;
}
