/**
 * The figures of a cell for other tools, which keep them in a history of their own. Only what may be believed is among them:
 * a lower bound is no value, so the throughput of a cell whose load generator was the limit is left out, and so is every
 * figure of a cell that is not ok.
 */
import type { Cell, Estimate, Run } from "../results/run.ts";
import { isNotSteady } from "./labels.ts";
import { rowsByCell, type Row } from "./groups.ts";

export interface Metric {
  /** In kebab case, the same for all cells. */
  id: string;
  title: string;
  unit: string;
  isSmallerBetter: boolean;
  /** What the interval is; one of no width is none, because one generation shows no spread. */
  intervalIs: string;
  /** In the unit. */
  interval: Pick<Estimate, "value" | "low" | "high">;
}

interface MetricKind extends Omit<Metric, "interval"> {
  of(row: Row): Metric["interval"] | null | undefined;
}

const OVER_GENERATIONS = "95 % interval over generations";
const cost = { unit: "ns", isSmallerBetter: true, intervalIs: OVER_GENERATIONS };

const KINDS: readonly MetricKind[] = [
  {
    ...{ id: "throughput", title: "throughput", unit: "operations/s", isSmallerBetter: false },
    intervalIs: OVER_GENERATIONS,
    of: ({ numbers }) => (numbers?.isLowerBound ? null : numbers?.throughput),
  },
  {
    ...{ id: "server-cpu", title: "server CPU time for each operation", ...cost },
    of: ({ numbers }) => numbers?.serverCpuNs,
  },
  ...(["p50", "p99"] as const).map((percentile) => ({
    ...{ id: `latency-${percentile}`, title: `${percentile} latency`, ...cost },
    of: ({ cell, numbers }: Row) =>
      numbers?.isLowerBound ? null : cell.summary?.latencyIntervalsNs?.[percentile],
  })),
  {
    ...{ id: "server-memory", title: "resident memory of the server", ...cost, unit: "bytes" },
    of: ({ numbers }) => numbers?.rssBytes,
  },
  {
    ...{ id: "system-calls", title: "system calls for each operation", ...cost, unit: "calls" },
    intervalIs: "what the ends of the one traced window leave open",
    of: ({ numbers }) => numbers?.systemCalls,
  },
];

/** Every cell of the run with its figures, in the order of the run; those without any have an empty list. */
export function metricsOf(run: Run): { cell: Cell; metrics: Metric[] }[] {
  return [...rowsByCell(run)].map(([cell, row]) => {
    // Nobody reads a trend into the figures of a server that was still becoming faster.
    const isUsable = row.numbers !== null && !isNotSteady(cell);
    return { cell, metrics: isUsable ? KINDS.flatMap((kind) => metricOf(kind, row)) : [] };
  });
}

function metricOf({ of, ...kind }: MetricKind, row: Row): Metric[] {
  const found = of(row);
  if (found === null || found === undefined) return [];
  const { value, low, high } = found;
  return [{ ...kind, interval: { value, low, high } }];
}
