/**
 * How far another machine's monotonic clock is from ours. Of several questions the one with the shortest round trip says
 * most: whatever delayed the others is not in it, and its answer was given within half of that trip of its middle.
 */

/** One question and its answer; nanoseconds, of our clock but for `theirs`. */
export interface ClockSample {
  askedNs: number;
  answeredNs: number;
  theirsNs: number;
}

export interface ClockReading {
  /** Added to a moment of our clock it gives that of theirs, nanoseconds. */
  offsetNs: number;
  /** The offset is right within so much, nanoseconds. */
  errorNs: number;
}

/** Throws a RangeError without samples. */
export function clockReading(samples: readonly ClockSample[]): ClockReading {
  const roundTrip = ({ askedNs, answeredNs }: ClockSample): number => answeredNs - askedNs;
  const [first, ...others] = samples;
  if (first === undefined) throw new RangeError("There are no samples of the clock.");
  const best = others.reduce((a, b) => (roundTrip(b) < roundTrip(a) ? b : a), first);
  return {
    offsetNs: best.theirsNs - (best.askedNs + best.answeredNs) / 2,
    errorNs: roundTrip(best) / 2,
  };
}

/** The two readings around a load as one that holds in its middle: what the clocks drifted meanwhile is an error. */
function between(before: ClockReading, after: ClockReading): ClockReading {
  return {
    offsetNs: (before.offsetNs + after.offsetNs) / 2,
    errorNs: Math.max(before.errorNs, after.errorNs) + Math.abs(after.offsetNs - before.offsetNs) / 2,
  };
}

/** The moment `ourNs` of our clock, by theirs. */
export function theirMoment(ourNs: number, { offsetNs }: ClockReading): number {
  return ourNs + offsetNs;
}

/**
 * How much later than it was to another machine began, as far as its clock is known: it was told a moment of its own clock by
 * what was known of that clock before.
 */
export function startError(
  { orderedNs, startedNs }: { orderedNs: number; startedNs: number },
  before: ClockReading,
  after: ClockReading,
): { errorNs: number; uncertainNs: number } {
  const { offsetNs, errorNs } = between(before, after);
  return { errorNs: startedNs - orderedNs + (before.offsetNs - offsetNs), uncertainNs: errorNs };
}

/** Nanoseconds of this machine's CLOCK_MONOTONIC, which the native generator reads, too. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}
