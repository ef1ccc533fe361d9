/** For Bencher: its Metric Format (https://bencher.dev/docs/reference/bencher-metric-format), a benchmark for each cell. */
import { cellTitle } from "../labels.ts";
import { metricsOf } from "../metrics.ts";
import type { Report } from "../report-format.ts";

/** Bencher cuts names that are longer. */
const LONGEST_NAME = 1024;

export default {
  name: "bencher",
  fileName: null,
  render: (run) => {
    const benchmarks = metricsOf(run)
      .filter(({ metrics }) => metrics.length > 0)
      .map(({ cell, metrics }) => [
        cellTitle(cell).slice(0, LONGEST_NAME),
        Object.fromEntries(
          metrics.map(({ id, interval: { value, low, high } }) => [
            id,
            low === high ? { value } : { value, lower_value: low, upper_value: high },
          ]),
        ),
      ]);
    return `${JSON.stringify(Object.fromEntries(benchmarks), null, 1)}\n`;
  },
} satisfies Report;
