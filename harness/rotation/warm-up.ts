/** Loads a server until its cost per operation falls no more, because a cold one is up to four times as expensive. */
import type { WarmUp } from "../results/run.ts";
import { areHelpersBusy, fallOf, warmupOf } from "../statistics/steadiness.ts";
import { costOf, failureIn, runSlice, type Arm, type Slice } from "./slice.ts";

export interface WarmUpTimes {
  /** Load that every warm-up has, because a server that has compiled nothing yet looks steady too. */
  leastSeconds: number;
  /** When a server has not settled by then, it never does, or not soon enough for anybody to wait. */
  mostSeconds: number;
}

const SLICE_SECONDS = 0.05;
/** What must follow the warm-up before it is believed to be over. */
const STEADY_SECONDS = 0.25;

export type WarmUpEnd = { warmUp: WarmUp; failed: null } | { warmUp: null; failed: Slice };

/** Resolves with the slice that failed when a request failed, for the session has no load any more. */
export async function warmUp(
  arm: Arm,
  { leastSeconds, mostSeconds }: WarmUpTimes,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<WarmUpEnd> {
  const costs: number[] = [];
  const helperShares: number[] = [];
  let operations = 0;
  for (;;) {
    signal.throwIfAborted();
    const times = { discardSeconds: 0, durationSeconds: SLICE_SECONDS };
    const slice = await runSlice(arm, times, seed + costs.length);
    if (failureIn(slice)) return { warmUp: null, failed: slice };
    operations += slice.load.operations;
    // A slice without any operation costs all of its time.
    costs.push(costOf([slice]) ?? SLICE_SECONDS * 1e9);
    const { helperCpuNs, cpuNs } = slice.seen;
    if (helperCpuNs !== null && cpuNs !== null && cpuNs > 0) helperShares.push(helperCpuNs / cpuNs);
    const seconds = costs.length * SLICE_SECONDS;
    if (seconds < leastSeconds) continue;
    const length = warmupOf(costs);
    const settledAfterSeconds = length === null ? null : length * SLICE_SECONDS;
    const isSettled =
      settledAfterSeconds !== null &&
      seconds - settledAfterSeconds >= Math.min(STEADY_SECONDS, leastSeconds) &&
      !areHelpersBusy(helperShares);
    if (!isSettled && seconds < mostSeconds) continue;
    return {
      warmUp: {
        seconds,
        operations,
        settledAfterSeconds: isSettled ? settledAfterSeconds : null,
        fall: fallOf(costs),
        cpuNsPerOp: costs,
      },
      failed: null,
    };
  }
}
