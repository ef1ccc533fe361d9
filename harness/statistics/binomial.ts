/** How often something happens, from how often it did. */
import jStat from "jstat";

export interface Rate {
  /** Events of all trials, 0 to 1. */
  value: number;
  low: number;
  high: number;
}

/**
 * The rate with the exact interval of Clopper and Pearson, which holds the true one in at least so many cases whatever it
 * is. Without an event its upper end is what so many quiet trials leave possible. Throws a RangeError when there are no
 * trials, or more events than trials. Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
 * illustrated in the case of the binomial", Biometrika 26 (1934).
 */
export function rateOf(events: number, trials: number, confidence = 0.95): Rate {
  if (!(trials > 0 && events >= 0 && events <= trials))
    throw new RangeError(`${events} events in ${trials} trials are no rate.`);
  const error = (1 - confidence) / 2;
  return {
    value: events / trials,
    low: events === 0 ? 0 : jStat.beta.inv(error, events, trials - events + 1),
    high: events === trials ? 1 : jStat.beta.inv(1 - error, events + 1, trials - events),
  };
}
