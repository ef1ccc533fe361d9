/** What idle connections cost in two tables: the costs themselves, and how they grew. */
import type { Estimate, Summary } from "../../results/run.ts";
import { mean, meanInterval, type Interval } from "../../statistics/student.ts";
import type { Column, Table, TableCell } from "../tables.ts";
import { inUnit, NOT_OBSERVED, percentage, significant, timeUnit, whole, brackets } from "../../units.ts";
import { type IdleCostLine, type IdleCostLines, SLOPE_FROM } from "./idle-cost-lines.ts";

const SERVER: Column = { title: "server", unit: null, align: "left" };

/** A row for each server, a column for each number of idle connections. */
export function costTable({ lines, idleCounts }: IdleCostLines): Table {
  const unit = timeUnit(lines.flatMap(({ points }) => points.map(({ cpuNs }) => cpuNs.value)));
  return {
    columns: [SERVER, ...idleCounts.map((idle) => number(`${whole(idle)} idle`, `${unit.name}/op`))],
    rows: lines.map(({ label, points }) => [
      plain(label),
      ...idleCounts.map((idle) => {
        const cpuNs = points.find((point) => point.idle === idle)?.cpuNs;
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

/** A row for each server: how its cost grew, what its waits returned with the most idle connections, where it failed. */
export function growthTable({ lines }: IdleCostLines): Table {
  const hasSystemCalls = lines.some((line) => largest(line)?.syscallsPerOp);
  return {
    columns: [
      SERVER,
      number("cost ratio", null),
      number("idle connections", null),
      number(`slope from ${whole(SLOPE_FROM)} on`, null),
      number("events per wait", null),
      number("time in wait", null),
      ...(hasSystemCalls ? [number("system calls", "per op")] : []),
      number("memory of each", "B"),
      number("failed at", "idle"),
    ],
    rows: lines.map((line) => {
      const { label, growth, slope, failure, memory } = line;
      const summary = largest(line);
      return [
        plain(label),
        interval(growth?.ratio ?? null, significant),
        plain(growth === null ? NOT_OBSERVED : `${whole(growth.from)} to ${whole(growth.to)}`),
        interval(slope, decimals),
        plain(estimate(summary?.eventsPerWait, significant)),
        plain(estimate(summary?.waitShare, percentage)),
        ...(hasSystemCalls ? [plain(estimate(summary?.syscallsPerOp, significant))] : []),
        memoryOf(memory),
        plain(failure === null ? NOT_OBSERVED : whole(failure.idle)),
      ];
    }),
  };
}

/** The summary with the most idle connections that the server was measured with. */
function largest({ points }: IdleCostLine): Summary | undefined {
  return points.at(-1)?.summary;
}

/** The server's, the mean over generations with its interval where there are several, and the kernel's for both ends. */
function memoryOf({ user, kernel }: IdleCostLine["memory"]): TableCell {
  if (user.length === 0) return plain(NOT_OBSERVED);
  const found = meanInterval(user);
  const details = [
    found === null ? null : brackets(found.low, found.high, whole),
    kernel.length === 0 ? null : `kernel ${whole(mean(kernel))}`,
  ].filter((detail) => detail !== null);
  return { text: whole(mean(user)), detail: details.length === 0 ? null : details.join(" ") };
}

function interval(value: Interval | null, text: (value: number) => string): TableCell {
  if (value === null) return plain(NOT_OBSERVED);
  return { text: text(value.value), detail: brackets(value.low, value.high, text) };
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
