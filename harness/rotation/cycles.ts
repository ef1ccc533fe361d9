/**
 * The rotation itself: every cycle loads each arm for one slice, in an order that favours none. What a cycle saw of one
 * arm is compared only with what the same cycle saw of another, so the machine's own speed cancels out; a cycle that the
 * machine spoiled is left out for all of them.
 */
import { balancedOrders } from "../statistics/balanced-order.ts";
import { createRandom } from "../statistics/random.ts";
import { isFalling } from "../statistics/steadiness.ts";
import { geometricMean } from "../statistics/student.ts";
import type { MachineSeen } from "../results/run.ts";
import { machineNow, machineSince, spoiledBy, type Measured } from "./machine-watch.ts";
import { costOf, failureIn, runSlice, type Arm, type Slice, type SliceTimes } from "./slice.ts";

/** One slice for each arm that had not failed by then, by the arm's id. */
export type Cycle = ReadonlyMap<string, Slice>;

export interface CyclePlan {
  /** Cycles that are to count. */
  cycles: number;
  times: SliceTimes;
  seed: number;
  measured: Measured;
  signal: AbortSignal;
}

/** Cycles between two looks at the machine. */
export interface Stretch {
  machine: MachineSeen;
  seconds: number;
}

export interface Rotation {
  /** The cycles that count, in order. */
  cycles: Cycle[];
  /** Why each other cycle was left out, in words. */
  leftOut: string[];
  /** What the machine did in the cycles that count. */
  stretches: Stretch[];
  /** The slice that ended each arm that failed, by the arm's id. */
  failed: Map<string, Slice>;
}

/** Cycles that the machine spoiled are replaced, by no more than this many times as many as are to count. */
const EXTRA_SHARE = 1;
/** The kernel counts in ticks of 10 ms, so it is asked about no less than this. */
const STRETCH_SECONDS = 0.4;

/** Rejects when the load generator cannot work, or with the signal's reason. An arm that fails ends, the others go on. */
export async function rotate(arms: readonly Arm[], plan: CyclePlan): Promise<Rotation> {
  const { measured, signal } = plan;
  const orders = balancedOrders([...arms], createRandom(plan.seed));
  const rotation: Rotation = { cycles: [], leftOut: [], stretches: [], failed: new Map() };
  const { cycles, leftOut, stretches, failed } = rotation;
  let slices = 0;
  const takeCycle = async (): Promise<Cycle> => {
    const taken = new Map<string, Slice>();
    for (const arm of orders.next().value) {
      if (failed.has(arm.id)) continue;
      signal.throwIfAborted();
      const neighbours = arms
        .filter((other) => other !== arm && !failed.has(other.id))
        .flatMap(({ pids }) => pids);
      const slice = await runSlice(arm, plan.times, plan.seed + slices++, neighbours);
      (failureIn(slice) ? failed : taken).set(arm.id, slice);
    }
    return taken;
  };
  // After a pause, or another workload, the first slices find caches and clocks in a state of their own.
  await takeCycle();
  const most = plan.cycles * (1 + EXTRA_SHARE);
  while (cycles.length < plan.cycles && cycles.length + leftOut.length < most && failed.size < arms.length) {
    const began = machineNow(measured);
    const elapsed = (): number => (performance.now() - began.atMs) / 1000;
    const stretch: Cycle[] = [];
    do {
      const cycle = await takeCycle();
      const spoiled = [...cycle.values()].find((slice) => slice.spoiled !== null)?.spoiled ?? null;
      if (spoiled === null) stretch.push(cycle);
      else leftOut.push(spoiled);
    } while (
      cycles.length + stretch.length < plan.cycles &&
      elapsed() < STRETCH_SECONDS &&
      failed.size < arms.length
    );
    const seconds = elapsed();
    const machine = machineSince(began, measured);
    const spoiled = spoiledBy(machine);
    if (spoiled !== null) leftOut.push(...stretch.map(() => spoiled));
    if (spoiled !== null || stretch.length === 0) continue;
    cycles.push(...stretch);
    stretches.push({ machine, seconds });
  }
  return rotation;
}

/** Whether an arm became cheaper from cycle to cycle, so that it was not warm in all of them. */
export function isWarming(cycles: readonly Cycle[], id: string): boolean {
  return isFalling(relativeCosts(cycles, id));
}

/**
 * The cost of one arm in each cycle, as a multiple of the geometric mean of the others in that cycle, so that what remains is
 * its own doing. Only others that have a cost in every cycle count: with one that failed meanwhile the multiples would be of
 * different things. Without any these are nanoseconds.
 */
export function relativeCosts(cycles: readonly Cycle[], id: string): number[] {
  const costIn = (cycle: Cycle, one: string): number | null => {
    const slice = cycle.get(one);
    return slice === undefined ? null : costOf([slice]);
  };
  const others = [...(cycles[0]?.keys() ?? [])].filter(
    (other) => other !== id && cycles.every((cycle) => costIn(cycle, other) !== null),
  );
  return cycles.flatMap((cycle) => {
    const own = costIn(cycle, id);
    if (own === null || others.length === 0) return own === null ? [] : [own];
    return [own / geometricMean(others.flatMap((other) => costIn(cycle, other) ?? []))];
  });
}
