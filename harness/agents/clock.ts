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
  /** When it held, nanoseconds of our clock. */
  atNs: number;
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
  const atNs = (best.askedNs + best.answeredNs) / 2;
  return { atNs, offsetNs: best.theirsNs - atNs, errorNs: roundTrip(best) / 2 };
}

/** What the clock was between two readings of it, or nearest to one of them: two clocks drift apart evenly within minutes. */
function readingAt(atNs: number, before: ClockReading, after: ClockReading): ClockReading {
  const lengthNs = after.atNs - before.atNs;
  const share = lengthNs <= 0 ? 1 : Math.min(1, Math.max(0, (atNs - before.atNs) / lengthNs));
  const mixed = (one: number, other: number): number => one + (other - one) * share;
  return {
    ...{ atNs, offsetNs: mixed(before.offsetNs, after.offsetNs) },
    errorNs: mixed(before.errorNs, after.errorNs),
  };
}

/** The moment `ourNs` of our clock, by theirs. */
export function theirMoment(ourNs: number, { offsetNs }: ClockReading): number {
  return ourNs + offsetNs;
}

/**
 * How much later than `startNs` of our clock another machine began, as far as its own is known: that was read before and
 * afterwards, and `startedNs` is a moment of it.
 */
export function startError(
  { startNs, startedNs }: { startNs: number; startedNs: number },
  before: ClockReading,
  after: ClockReading,
): { errorNs: number; uncertainNs: number } {
  const clock = readingAt(startNs, before, after);
  return { errorNs: startedNs - theirMoment(startNs, clock), uncertainNs: clock.errorNs };
}

/** Nanoseconds of this machine's CLOCK_MONOTONIC, which the native generator reads, too. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}
