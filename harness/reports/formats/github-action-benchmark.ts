/**
 * For github-action-benchmark with `tool: customSmallerIsBetter`, which takes one direction only: throughput is left out,
 * because CPU time and latency say the same and depend less on the machine.
 */
import { cellTitle } from "../labels.ts";
import { metricsOf } from "../metrics.ts";
import type { Report } from "../report-format.ts";

export default {
  name: "github-action-benchmark",
  fileName: null,
  render: (run) => {
    const entries = metricsOf(run).flatMap(({ cell, metrics }) =>
      metrics
        .filter(({ isSmallerBetter }) => isSmallerBetter)
        .map(({ title, unit, intervalIs, interval: { value, low, high } }) => ({
          name: `${cellTitle(cell)}: ${title}`,
          unit,
          value,
          ...(low === high
            ? { extra: `run ${run.id}` }
            : { range: `${low} to ${high}`, extra: `run ${run.id}; range: ${intervalIs}` }),
        })),
    );
    return `${JSON.stringify(entries, null, 1)}\n`;
  },
} satisfies Report;
