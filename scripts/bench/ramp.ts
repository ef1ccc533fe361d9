/** `--rates 1000:50000/30s`: a ramp of offered rates, as steps that each have latencies of their own. */
import { Failure } from "../../harness/failure.ts";
import { seconds, wholeNumber } from "../arguments.ts";

/** As many points as a curve needs to show where it turns up. */
const STEPS = 8;
/** As --duration. */
const LEAST_SECONDS = 0.05;
const RATES = { least: 1, most: 10_000_000 };

export interface Ramp {
  /** Evenly spaced on a log scale, lowest first, whole numbers. */
  ratesPerSecond: number[];
  /** Of each step. */
  durationSeconds: number;
}

/** Null for a text that is no ramp, but a list of rates. Throws a Failure for a ramp that leads nowhere. */
export function readRamp(text: string | undefined): Ramp | null {
  if (text === undefined || !text.includes(":")) return null;
  const [, from, to, time] = /^([^:/]+):([^:/]+)\/([^:/]+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || time === undefined)
    throw new Failure(2, `--rates takes a list of rates, or a ramp such as 1000:50000/30s, not "${text}".`);
  const lowest = wholeNumber(from, "--rates", RATES);
  const highest = wholeNumber(to, "--rates", RATES);
  if (highest <= lowest)
    throw new Failure(2, `--rates "${text}" must end at a higher rate than it begins with.`);
  const rates = Array.from({ length: STEPS }, (_, step) =>
    Math.round(lowest * (highest / lowest) ** (step / (STEPS - 1))),
  );
  const ratesPerSecond = [...new Set(rates)];
  const durationSeconds = seconds(time, "--rates") / ratesPerSecond.length;
  if (durationSeconds < LEAST_SECONDS)
    throw new Failure(
      2,
      `--rates "${text}" leaves ${durationSeconds * 1000} ms for each of ${ratesPerSecond.length} rates, which is less than ${LEAST_SECONDS * 1000}; give it more time.`,
    );
  return { ratesPerSecond, durationSeconds };
}
