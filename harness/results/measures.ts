/** What other records are made of: estimates, percentiles, distributions, checks. */
import {
  type Static,
  define,
  the,
  orNull,
  text,
  number,
  amount,
  count,
  truth,
  oneOf,
  listOf,
} from "./define.ts";

export const estimate = define(
  "estimate",
  "A mean over generations with its 95 % interval of Student's t, unless the field that holds it says otherwise.",
  {
    value: amount("The mean over generations, in `unit`."),
    low: amount("Lower end of the interval, in `unit`."),
    high: amount("Upper end of the interval, in `unit`."),
    unit: text("The unit of the three numbers, for example `echoes/s` or `ns/op`."),
  },
);
export interface Estimate extends Static<typeof estimate> {}

export const percentiles = define("percentiles", "Percentiles of a latency, nanoseconds.", {
  p50: amount("Half of the operations took at most this long, nanoseconds."),
  p90: amount("90 % of the operations took at most this long, nanoseconds."),
  p99: amount("99 % of the operations took at most this long, nanoseconds."),
  p99_9: amount("99.9 % of the operations took at most this long, nanoseconds."),
  max: amount("The slowest operation, nanoseconds."),
});
export interface Percentiles extends Static<typeof percentiles> {}

export const percentileEstimates = define(
  "percentileEstimates",
  "Each percentile as a mean over generations with its interval; unit `ns`.",
  {
    p50: the(estimate, "Half of the operations took at most this long, nanoseconds."),
    p90: the(estimate, "90 % of the operations took at most this long, nanoseconds."),
    p99: the(estimate, "99 % of the operations took at most this long, nanoseconds."),
    p99_9: the(estimate, "99.9 % of the operations took at most this long, nanoseconds."),
    max: the(estimate, "The slowest operation, nanoseconds."),
  },
);

export const distribution = define("distribution", "A latency distribution.", {
  count: count("How many operations were recorded."),
  meanNs: amount("Arithmetic mean, nanoseconds."),
  latencyNs: the(percentiles, "Percentiles, nanoseconds."),
  histogram: orNull(
    text(
      "The whole histogram: HdrHistogram V2, compressed, base64; values in nanoseconds. Null in a published run, where only the summary of a cell has its histogram.",
      { contentEncoding: "base64" },
    ),
  ),
});
export interface Distribution extends Static<typeof distribution> {}

const check = define("check", "One check of a sample's validity.", {
  id: text("Which check it is; `harness/checks` defines what it compares, and what follows when it fails."),
  passed: truth("Whether it passed."),
  value: orNull(number("What was observed, in the unit its message names; null when it could not be.")),
  limit: orNull(number("The limit it was compared with, in the same unit; null when there is none.")),
  message: text("The check in a sentence, with its numbers."),
});
export interface Check extends Static<typeof check> {}

export const validity = define("validity", "Whether a number may be believed.", {
  verdict: oneOf(
    ["valid", "client-limited", "not-steady", "invalid"],
    "`valid`; `client-limited`: the generator was the bottleneck, so the throughput is a lower bound; `not-steady`: the server was still becoming faster, so no rank follows; or `invalid`: not to be quoted.",
  ),
  checks: listOf(the(check), "Every check that was made, passed or not."),
});
export interface Validity extends Static<typeof validity> {}
