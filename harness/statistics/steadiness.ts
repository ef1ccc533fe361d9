/**
 * Whether a server has warmed up, seen from a series of its costs. Only a cost that falls says that a warm-up goes on:
 * the machine's own speed goes up and down by some per cent within seconds.
 */
import { median } from "./median.ts";
import { mean, sum } from "./student.ts";
import { warmupLength } from "./mser.ts";

/** A fall smaller than this is the machine's noise as likely as the server's warm-up. */
export const FALL_LIMIT = 0.1;
/** A part that is cut off must have been this much more expensive than the rest, or nothing is gained by cutting it. */
const WORTH_CUTTING = 0.05;
/**
 * How sure a fall must be: this many standard deviations of the rank sum, or as many as there can be, which are fewer below seven
 * cycles. Chance does so once in six times with four cycles, in ten with five, and in 35 or more with seven; cycles that fall are taken
 * again, twice, and a server is not steady when all three times fall.
 */
const SURE = 2;
/** Helpers that take less than this share of the CPU have little left to compile. */
const BUSY_HELPERS_SHARE = 0.05;
/** When they take this much less than before, they were compiling until a moment ago. */
const HELPERS_FALL = 0.4;

/**
 * How many of the first values belong to the warm-up; null while it goes on, and for fewer values than can say so. Chance
 * may make the last few of a steady series look steadier than all of it, so no more than half is ever cut off; what falls
 * after that shows at the end.
 */
export function warmupOf(costs: readonly number[]): number | null {
  const length = warmupLength(costs, { leastShare: 1 / 2 });
  if (length === null) return null;
  const rest = costs.slice(length);
  const tail = Math.max(1, Math.floor(rest.length / 4));
  const before = rest.slice(0, -tail);
  if (before.length === 0 || median(rest.slice(-tail)) < median(before) * (1 - WORTH_CUTTING)) return null;
  return length > 0 && mean(costs.slice(0, length)) > mean(rest) * (1 + WORTH_CUTTING) ? length : 0;
}

/** By which share the second half is cheaper than the first, by their medians; negative when it is more expensive. */
export function fallOf(costs: readonly number[]): number {
  const middle = Math.floor(costs.length / 2);
  if (middle === 0) return 0;
  return 1 - median(costs.slice(middle)) / median(costs.slice(0, middle));
}

/** Whether the costs still fall, by more than the limit and by more than chance allows, whatever single ones do. */
export function isFalling(costs: readonly number[]): boolean {
  const middle = Math.floor(costs.length / 2);
  if (middle < 2 || fallOf(costs) <= FALL_LIMIT) return false;
  return isAbove(costs.slice(0, middle), costs.slice(middle));
}

/** Whether the first values lie above the second, by the sum of their ranks (Mann and Whitney, 1947). */
function isAbove(first: readonly number[], second: readonly number[]): boolean {
  const pairs = first.length * second.length;
  const above = first.flatMap((one) => second.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
  const deviation = Math.sqrt((pairs * (first.length + second.length + 1)) / 12);
  return sum(above) - pairs / 2 >= Math.min(SURE * deviation, pairs / 2);
}

/** Whether V8's helpers were still compiling: they took a good share of the CPU, and take much less since. */
export function areHelpersBusy(shares: readonly number[]): boolean {
  const third = Math.floor(shares.length / 3);
  if (third === 0) return false;
  const [middle, last] = [shares.slice(third, 2 * third), shares.slice(-third)].map((part) => mean(part));
  return (
    (middle as number) > BUSY_HELPERS_SHARE && (last as number) < (middle as number) * (1 - HELPERS_FALL)
  );
}
