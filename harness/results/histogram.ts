/** Latency distributions as HdrHistogram V2 text, merged as histograms. Percentiles are never averaged. */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

import type { Distribution, Percentiles } from "./run.ts";

const HIGHEST_NS = 3600e9;

/** An empty histogram of nanoseconds, with the buckets that the native generator counts in. */
export function createHistogram(): Histogram {
  const histogram = build({
    useWebAssembly: false,
    bitBucketSize: 64,
    numberOfSignificantValueDigits: 3,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
  });
  histogram.autoResize = true;
  return histogram;
}

/** The base64 text of a histogram: HdrHistogram V2, compressed. */
export function encodeHistogram(histogram: Histogram): string {
  return encodeIntoCompressedBase64(histogram);
}

/** The histogram of a base64 text; throws when it is not HdrHistogram V2, or null because the run was published without it. */
export function decodeHistogram(text: string | null): Histogram {
  if (text === null)
    throw new RangeError(
      "This histogram was left out when its run was published; the summary of the cell has all of them merged.",
    );
  return decodeFromCompressedBase64(text, 64, false);
}

export function percentilesOf(histogram: Histogram): Percentiles {
  return {
    p50: histogram.getValueAtPercentile(50),
    p90: histogram.getValueAtPercentile(90),
    p99: histogram.getValueAtPercentile(99),
    p99_9: histogram.getValueAtPercentile(99.9),
    max: histogram.getValueAtPercentile(100),
  };
}

/** One distribution of all observations of several. Throws a RangeError when there are none. */
export function mergeDistributions(distributions: readonly Distribution[]): Distribution {
  const histogram = createHistogram();
  let sumNs = 0;
  for (const distribution of distributions) {
    histogram.add(decodeHistogram(distribution.histogram));
    sumNs += distribution.meanNs * distribution.count;
  }
  if (histogram.totalCount === 0) throw new RangeError("There are no observations to merge.");
  return {
    count: histogram.totalCount,
    meanNs: sumNs / histogram.totalCount,
    latencyNs: percentilesOf(histogram),
    histogram: encodeHistogram(histogram),
  };
}
