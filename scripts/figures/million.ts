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
    ...["server, GiB", "kernel, the server's end, GiB", "server and kernel, both ends, GiB"].map(number),
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
  const oneEnd = kernel.map((bytes) => bytes / 2);
  // Both are of the same generations, in their order, unless one could not be observed.
  const all =
    user.length === kernel.length ? user.map((bytes, index) => bytes + (kernel[index] as number)) : [];
  return [
    ...[label, withBounds(user, whole), withBounds(kernel, whole)],
    ...[user, oneEnd, all].map((values) =>
      withBounds(
        values.map((bytes) => (bytes * MILLION) / GIBIBYTE),
        significant,
      ),
    ),
  ];
}

function withBounds(values: readonly number[], text: (value: number) => string): string {
  if (values.length === 0) return NOT_OBSERVED;
  const bounds = meanInterval(values);
  if (bounds === null) return text(mean(values));
  return `${text(bounds.value)} [${text(bounds.low)}–${text(bounds.high)}]`;
}
