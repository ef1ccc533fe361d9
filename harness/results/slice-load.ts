/** The record of one slice of load, or of one shard of it, as processes and machines hand it on: histograms as counted. */
import { type Static, amount, count, define, listOf, mapOf, the } from "./define.ts";
import { load } from "./load.ts";

const buckets = define(
  "buckets",
  "Durations counted in HdrHistogram's buckets (lowest 1 ns, three significant digits).",
  {
    count: count("How many there are."),
    sumNs: amount("All of them together, nanoseconds."),
    maxNs: amount("The longest, nanoseconds; 0 when there is none."),
    pairs: listOf(
      amount(),
      "The lowest value of a bucket, nanoseconds, and its count, in turn; empty buckets are left out.",
    ),
  },
);
export interface Buckets extends Static<typeof buckets> {}

const {
  latency: _latency,
  stages: _stages,
  search: _search,
  clientLongestPauseNs: _pause,
  ...shared
} = load.properties;

export const sliceLoad = define(
  "sliceLoad",
  "A load whose distributions are not summed up yet, so that several can be merged.",
  {
    ...shared,
    startedNs: amount("When the last thread began to load, nanoseconds of its machine's monotonic clock."),
    clientLongestPauseNs: amount(
      "The longest time that the generator's process did not run although it was to, nanoseconds.",
    ),
    latency: the(buckets, "As in a load."),
    stages: mapOf(the(buckets), "As in a load."),
  },
);
export interface SliceLoad extends Static<typeof sliceLoad> {}
