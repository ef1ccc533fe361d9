/**
 * What a stop of the server does to an open loop. Requests that arrive meanwhile are read together, so their arrivals
 * are not known; but a constant schedule says when each was due, and the server knows when it was stopped. So this
 * depends on nothing the generator says, and a clock that starts at the sending instead of the due time cannot agree with it.
 */
import { Disturbance } from "./expected.ts";
import type { Gap, Records, Served } from "./null-server.ts";

export interface ConstantSchedule {
  ratePerSecond: number;
  warmupSeconds: number;
  windowSeconds: number;
}

/** A gap of at least this part of the ordered stop is the stop. */
const STOP_SHARE = 0.9;

/**
 * When the server was stopped. Throws a Disturbance when that did not happen exactly once, or when anything else held the
 * server up for longer than `delayedAboveNs`, which delays requests as the stop does.
 */
export function requireOneStop({ gaps }: Records, stopSeconds: number, delayedAboveNs: number): Gap {
  const isStop = ({ fromNs, toNs }: Gap): boolean => toNs - fromNs >= STOP_SHARE * stopSeconds * 1e9;
  const stops = gaps.filter(isStop);
  const [stop] = stops;
  if (stop === undefined || stops.length > 1)
    throw new Disturbance(`the server was stopped ${stops.length} times instead of once`);
  const other = gaps.find((gap) => !isStop(gap) && gap.toNs - gap.fromNs > delayedAboveNs);
  if (other !== undefined)
    throw new Disturbance(
      `the server was held up for ${((other.toNs - other.fromNs) / 1e6).toFixed(1)} ms beside its stop`,
    );
  return stop;
}

/**
 * For every request due in the window, nanoseconds from its due time to the hand-over of its answer, without the
 * transport. Throws a Disturbance when the schedule cannot be derived from the arrivals.
 */
export function responseTimesAroundStop(
  { messages }: Records,
  { ratePerSecond, warmupSeconds, windowSeconds }: ConstantSchedule,
  stop: Gap,
): number[] {
  const gapNs = 1e9 / ratePerSecond;
  const warmupRequests = Math.ceil(warmupSeconds * ratePerSecond);
  const startNs = scheduleStart(messages.slice(0, warmupRequests), gapNs);
  const burst = messages.filter(
    ({ arrivedNs, sentNs }) => sentNs >= stop.toNs && (arrivedNs === null || arrivedNs < stop.toNs),
  );
  const catchUpNs =
    burst.reduce((sum, { sentNs }) => sum + (sentNs - stop.toNs), 0) / Math.max(1, burst.length);
  return Array.from({ length: Math.round(windowSeconds * ratePerSecond) }, (_value, index) => {
    const dueNs = startNs + (warmupRequests + index) * gapNs;
    return dueNs >= stop.fromNs && dueNs < stop.toNs ? stop.toNs + catchUpNs - dueNs : 0;
  });
}

/** When the first request was due: no request arrives before it is due, and the promptest of many arrives at once. */
function scheduleStart(first: readonly Served[], gapNs: number): number {
  const starts = first.flatMap(({ arrivedNs }, index) =>
    arrivedNs === null ? [] : [arrivedNs - index * gapNs],
  );
  if (starts.length < first.length || first.length === 0)
    throw new Disturbance("requests of the warm-up reached the server together");
  return Math.min(...starts);
}
