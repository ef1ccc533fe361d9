/** What crowds of idle connections cost, with what a million would take: reckoned from the fitted cost, and called so. */
import { idleCosts } from "../../harness/reports/idle-cost/idle-cost.ts";
import type { IdleCostLine } from "../../harness/reports/idle-cost/idle-cost-lines.ts";
import { table } from "../../harness/reports/markdown-table.ts";
import { plain, type Column } from "../../harness/reports/tables.ts";
import type { Run } from "../../harness/results/run.ts";
import { mean, meanInterval } from "../../harness/statistics/student.ts";
import { NOT_OBSERVED, significant, whole } from "../../harness/units.ts";

const MILLION = 1_000_000;
const GIBIBYTE = 1024 ** 3;

/** Null for a run without a crowd. */
export function millionTables(run: Run): string | null {
  const [cost] = idleCosts(run.cells);
  if (cost === undefined || run.plan.serverProcesses === undefined) return null;
  const columns: Column[] = [
    { title: "server", unit: null, align: "left" },
    ...["in the server, B each", "in the kernel, both ends, B each"].map(number),
    ...["server, GiB", "kernel, the server's end, GiB", "both ends, GiB"].map(number),
  ];
  const rows = cost.measured.lines.map((line) => rowOf(line).map((text) => plain(text)));
  return [
    "CPU time of the server for one echo, by the number of idle connections:",
    table(cost.costs),
    "Memory of each idle connection, and, **not measured but reckoned from it, what a million would take**:",
    table({ columns, rows }),
  ].join("\n\n");
}

function number(title: string): Column {
  return { title, unit: null, align: "right" };
}

function rowOf({ label, memory: { user, kernel } }: IdleCostLine): string[] {
  const gibibytes = (bytes: number | null): string =>
    bytes === null ? NOT_OBSERVED : significant((bytes * MILLION) / GIBIBYTE);
  const [server, both] = [user, kernel].map((values) => (values.length === 0 ? null : mean(values)));
  const one = both == null ? null : both / 2;
  return [
    ...[label, withBounds(user), withBounds(kernel), gibibytes(server ?? null), gibibytes(one)],
    gibibytes(server == null || both == null ? null : server + both),
  ];
}

function withBounds(values: readonly number[]): string {
  if (values.length === 0) return NOT_OBSERVED;
  const bounds = meanInterval(values);
  if (bounds === null) return whole(mean(values));
  return `${whole(bounds.value)} [${whole(bounds.low)}–${whole(bounds.high)}]`;
}
