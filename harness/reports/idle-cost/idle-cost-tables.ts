/** The effect of readiness in two tables: the costs themselves, and what follows from them. */
import type { Estimate, Summary } from "../../results/run.ts";
import type { Interval } from "../../statistics/bootstrap.ts";
import type { Column, Table, TableCell } from "../tables.ts";
import { inUnit, NOT_OBSERVED, percentage, significant, timeUnit, whole } from "../../units.ts";
import { type CrowdLine, type CrowdLines, SLOPE_FROM } from "./idle-cost-lines.ts";

const SERVER: Column = { title: "server", unit: null, align: "left" };

/** A row for each server, a column for each crowd. */
export function costTable({ lines, crowds }: CrowdLines): Table {
  const unit = timeUnit(lines.flatMap(({ points }) => points.map(({ cpuNs }) => cpuNs.value)));
  return {
    columns: [SERVER, ...crowds.map((crowd) => number(`beside ${whole(crowd)}`, `${unit.name}/op`))],
    rows: lines.map(({ label, points }) => [
      plain(label),
      ...crowds.map((crowd) => {
        const cpuNs = points.find((point) => point.crowd === crowd)?.cpuNs;
        if (cpuNs === undefined) return plain(NOT_OBSERVED);
        const { value, low, high } = cpuNs;
        return {
          text: inUnit(value, unit),
          detail: `[${inUnit(low, unit)}–${inUnit(high, unit)}]`,
        };
      }),
    ]),
  };
}

/** A row for each server: how the cost grew, what its waits brought beside its largest crowd, where it stopped. */
export function effectTable({ lines }: CrowdLines): Table {
  const hasSystemCalls = lines.some((line) => largest(line)?.syscallsPerOp);
  return {
    columns: [
      SERVER,
      number("times dearer", null),
      number("over crowds of", null),
      number(`slope from ${whole(SLOPE_FROM)} on`, null),
      number("events per wait", null),
      number("time in wait", null),
      ...(hasSystemCalls ? [number("system calls", "per op")] : []),
      number("memory", "B each"),
      number("failed beside", null),
    ],
    rows: lines.map((line) => {
      const { label, growth, slope, wall } = line;
      const summary = largest(line);
      return [
        plain(label),
        interval(growth?.times ?? null, significant),
        plain(growth === null ? NOT_OBSERVED : `${whole(growth.from)} to ${whole(growth.to)}`),
        interval(slope, decimals),
        plain(estimate(summary?.eventsPerWait, significant)),
        plain(estimate(summary?.waitShare, percentage)),
        ...(hasSystemCalls ? [plain(estimate(summary?.syscallsPerOp, significant))] : []),
        plain(memoryPerConnection(line)),
        plain(wall === null ? NOT_OBSERVED : whole(wall.crowd)),
      ];
    }),
  };
}

/** The summary beside the largest crowd that the server was measured with. */
function largest({ points }: CrowdLine): Summary | undefined {
  return points.at(-1)?.summary;
}

/** Resident memory that the largest crowd added, for each of its connections; the kernel's own is not in it. */
function memoryPerConnection({ points }: CrowdLine): string {
  const alone = points.find(({ crowd }) => crowd === 0)?.summary.serverRssBytes?.value;
  const last = points.at(-1);
  const crowded = last?.summary.serverRssBytes?.value;
  if (alone === undefined || crowded === undefined || last === undefined) return NOT_OBSERVED;
  // Divided by a small crowd, what one process differs from another by would look like a cost.
  if (last.crowd < SLOPE_FROM) return NOT_OBSERVED;
  return whole(Math.max(0, Math.round((crowded - alone) / last.crowd)));
}

function interval(value: Interval | null, text: (value: number) => string): TableCell {
  if (value === null) return plain(NOT_OBSERVED);
  return { text: text(value.value), detail: `[${text(value.low)}–${text(value.high)}]` };
}

/** Two decimals, without the minus of a number that rounds to zero. */
function decimals(value: number): string {
  return value.toFixed(2).replace(/^-0\.00$/, "0.00");
}

function estimate(value: Estimate | null | undefined, text: (value: number) => string): string {
  return value ? text(value.value) : NOT_OBSERVED;
}

function number(title: string, unit: string | null): Column {
  return { title, unit, align: "right" };
}

function plain(text: string): TableCell {
  return { text, detail: null };
}
