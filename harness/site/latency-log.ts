/** The latency histograms of a run as an HdrHistogram log, one tagged line for each cell, for the tools that read such logs. */
import { rowsByCell } from "../reports/groups.ts";
import { countingSamples } from "../results/counting-samples.ts";
import type { Run } from "../results/run.ts";

/**
 * Version 1.2 of the format: start and length in seconds, the maximum in milliseconds, and the compressed histogram. The length is
 * what was measured of the cell in all its generations. Only what tables show is in it.
 */
export function latencyLog(run: Run): string {
  const { id, startedAt } = run;
  const start = Date.parse(startedAt) / 1000;
  const lines = [...rowsByCell(run)].flatMap(([cell, { numbers }]) => {
    if (numbers?.histogram == null || numbers.latencyNs === null) return [];
    const tag = cell.id.replaceAll(/[,\s]/g, "_");
    const maximum = (numbers.latencyNs.max / 1e6).toFixed(3);
    const seconds = countingSamples(cell.samples).reduce((sum, { load }) => sum + load.windowSeconds, 0);
    return [`Tag=${tag},0.000,${seconds.toFixed(3)},${maximum},${numbers.histogram}`];
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
