/** The latency histograms of a run as an HdrHistogram log, one tagged line for each cell, for the tools that read such logs. */
import type { Run } from "../results/run.ts";

/** Version 1.2 of the format: start and length in seconds, the maximum in milliseconds, and the compressed histogram. */
export function latencyLog({ id, startedAt, cells }: Run): string {
  const start = Date.parse(startedAt) / 1000;
  const lines = cells.flatMap(({ id: cell, summary }) => {
    if (summary?.histogram == null || summary.latencyNs === null) return [];
    const tag = cell.replaceAll(/[,\s]/g, "_");
    const maximum = (summary.latencyNs.max / 1e6).toFixed(3);
    return [`Tag=${tag},0.000,1.000,${maximum},${summary.histogram}`];
  });
  return [
    `#[readymark run ${id.replaceAll(/\s+/g, " ")}; values are nanoseconds, merged over generations]`,
    "#[Histogram log format version 1.2]",
    `#[StartTime: ${start.toFixed(3)} (seconds since epoch), ${startedAt}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...lines,
    "",
  ].join("\n");
}
