/** The tables every format shows, as text: same columns, same units, same digits. */
import type { Group, Numbers, Row } from "./groups.ts";
import {
  atLeast,
  inUnit,
  MEBIBYTES,
  NOT_OBSERVED,
  percentage,
  significant,
  timeUnit,
  type Unit,
  whole,
  brackets,
} from "../units.ts";
import { spaced } from "./labels.ts";

export interface Column {
  title: string;
  /** Null for a column without one. */
  unit: string | null;
  align: "left" | "right";
  /** True for what a reader looks up rather than compares: a terminal leaves it to the files. */
  secondary?: boolean;
  /** True for one that needs the width of two where a narrow screen turns rows into cards. */
  wide?: boolean;
}

export interface TableCell {
  text: string;
  /** An interval that belongs to the text. */
  detail: string | null;
}

export interface Table {
  columns: Column[];
  rows: TableCell[][];
}

interface NumberColumn extends Column {
  cell(numbers: Numbers): TableCell;
}

/** One row for each server of a group. */
export function mainTable(group: Group): Table {
  const columns = numberColumns(group);
  return {
    columns: [
      { title: "rank", unit: null, align: "right" },
      { title: "server", unit: null, align: "left" },
      ...columns,
      { title: "verdict", unit: null, align: "left" },
    ],
    rows: group.rows.map((row) => [
      plain(row.rank ?? NOT_OBSERVED),
      plain(row.label),
      ...columns.map((column) => (row.numbers === null ? plain(NOT_OBSERVED) : column.cell(row.numbers))),
      plain(row.status),
    ]),
  };
}

/** The percentiles of every server whose latency may be shown. */
export function percentileTable(group: Group): Table {
  const shown = group.rows.flatMap(({ label, numbers }) =>
    numbers?.latencyNs ? [{ label, latency: numbers.latencyNs }] : [],
  );
  const unit = timeUnit(shown.map(({ latency }) => latency.p50));
  const percentiles = [
    ["p50", "p50"],
    ["p90", "p90"],
    ["p99", "p99"],
    ["p99.9", "p99_9"],
    ["max", "max"],
  ] as const;
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      ...percentiles.map(([title]) => ({ title, unit: unit.name, align: "right" as const })),
    ],
    rows: shown.map(({ label, latency }) => [
      plain(label),
      ...percentiles.map(([, percentile]) => plain(inUnit(latency[percentile], unit))),
    ]),
  };
}

/** The parts of an operation, such as connect, first byte and close; null when the load has none. */
export function stageTable(group: Group): Table | null {
  const withNumbers = group.rows.filter((row): row is Row & { numbers: Numbers } => row.numbers !== null);
  const names = [...new Set(withNumbers.flatMap(({ numbers }) => Object.keys(numbers.stages)))];
  if (names.length === 0) return null;
  const stages = withNumbers.flatMap(({ numbers }) => Object.values(numbers.stages));
  const unit = timeUnit(stages.map(({ latencyNs }) => latencyNs.p50));
  const columns = names.flatMap((name) =>
    (["p50", "p99"] as const).map((percentile) => ({ name, percentile })),
  );
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      ...columns.map(({ name, percentile }) => ({
        title: `${spaced(name)} ${percentile}`,
        unit: unit.name,
        align: "right" as const,
      })),
    ],
    rows: withNumbers.map(({ label, numbers }) => [
      plain(label),
      ...columns.map(({ name, percentile }) =>
        plain(inUnit(numbers.stages[name]?.latencyNs[percentile] ?? null, unit)),
      ),
    ]),
  };
}

/** How connections spread over the shards of a server that has several; null when none of the group has. */
export function shardTable(group: Group): Table | null {
  const sharded = group.rows.flatMap(({ label, numbers }) =>
    numbers?.connectionsPerShard ? [{ label, counts: numbers.connectionsPerShard }] : [],
  );
  if (sharded.length === 0) return null;
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      { title: "connections", unit: null, align: "right" },
      { title: "share of each shard", unit: null, align: "left" },
    ],
    rows: sharded.map(({ label, counts }) => [
      plain(label),
      plain(whole(sum(counts))),
      plain(shardShares(counts).map(percentage).join(", ") || NOT_OBSERVED),
    ]),
  };
}

/** Each shard's share of all connections, 0 to 1; empty when there were none. */
export function shardShares(counts: readonly number[]): number[] {
  const total = sum(counts);
  return total === 0 ? [] : counts.map((count) => count / total);
}

function numberColumns({ rows, operations, objective, baseline, ratioOf }: Group): NumberColumn[] {
  const numbers = rows.flatMap((row) => row.numbers ?? []);
  const latencyUnit = timeUnit(numbers.map(({ latencyNs }) => latencyNs?.p50 ?? null));
  const cpuUnit = timeUnit(
    numbers.flatMap(({ serverCpuNs, clientCpuNs }) => [
      serverCpuNs?.value ?? null,
      clientCpuNs?.value ?? null,
    ]),
  );
  const latency = (title: string, percentile: "p50" | "p99" | "p99_9" | "max") =>
    numberColumn(title, latencyUnit.name, (one) => inUnit(one.latencyNs?.[percentile] ?? null, latencyUnit));
  const perOp = (title: string, unit: Unit, pick: (one: Numbers) => number | undefined) =>
    numberColumn(title, `${unit.name}/op`, (one) => inUnit(pick(one) ?? null, unit));
  return [
    {
      ...numberColumn(objective === null ? "throughput" : "capacity", `${operations}/s`, () => ""),
      wide: true,
      cell: throughputCell,
    },
    perOp("server CPU", cpuUnit, (one) => one.serverCpuNs?.value),
    ...(baseline === null || numbers.length < 2
      ? []
      : [
          {
            ...numberColumn(ratioOf === "server CPU" ? "CPU ratio" : "p99 ratio", `to ${baseline}`, () => ""),
            wide: true,
            cell: ratioCell,
          },
        ]),
    {
      ...numberColumn("kernel floor", "% of CPU", ({ floorShare }) =>
        floorShare === null ? NOT_OBSERVED : significant(100 * floorShare.value),
      ),
      secondary: true,
    },
    perOp("generator CPU", cpuUnit, (one) => one.clientCpuNs?.value),
    latency("p50", "p50"),
    latency("p99", "p99"),
    latency("p99.9", "p99_9"),
    latency("max", "max"),
    {
      ...numberColumn("switches", "per op", (one) =>
        inUnit(one.contextSwitches?.value ?? null, { name: "", size: 1 }),
      ),
      secondary: true,
    },
    {
      ...numberColumn("RSS", MEBIBYTES.name, (one) => inUnit(one.rssBytes?.value ?? null, MEBIBYTES)),
      secondary: true,
    },
  ];
}

function numberColumn(title: string, unit: string, text: (numbers: Numbers) => string): NumberColumn {
  return { title, unit, align: "right", cell: (numbers) => plain(text(numbers)) };
}

/** With its interval, or as a bound. */
export function throughputCell({
  throughput: { value, low, high },
  isLowerBound,
}: Pick<Numbers, "throughput" | "isLowerBound">): TableCell {
  if (isLowerBound) return plain(atLeast(value));
  return { text: significant(value), detail: brackets(low, high) };
}

/** The baseline's own is 1 by definition, and has no interval. */
export function ratioCell({ ratio }: Pick<Numbers, "ratio">): TableCell {
  if (ratio === null) return plain(NOT_OBSERVED);
  return { text: significant(ratio.value), detail: brackets(ratio.low, ratio.high) };
}

export function plain(text: string): TableCell {
  return { text, detail: null };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
