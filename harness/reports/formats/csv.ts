/**
 * summary.csv: one row for each cell, RFC 4180, for spreadsheets and scripts. Numbers are raw, units stand in the
 * column names, and a cell that is not ok has empty fields instead of numbers.
 */
import type { Cell, Run } from "../../results/run.ts";
import type { Interval } from "../../statistics/student.ts";
import { groupCells, type Numbers, type Row } from "../groups.ts";
import type { Report } from "../report-format.ts";
import { csvField } from "../safe-text.ts";

type Field = string | number | null;

interface CsvColumn {
  name: string;
  field(row: Row): Field;
}

const ofCell = (name: string, pick: (cell: Cell) => Field): CsvColumn => ({
  name,
  field: ({ cell }) => pick(cell),
});

const ofNumbers = (name: string, pick: (numbers: Numbers) => Field | undefined): CsvColumn => ({
  name,
  field: ({ numbers }) => (numbers === null ? null : (pick(numbers) ?? null)),
});

/** A bound has no interval, so its ends stay empty. */
const interval = (name: string, pick: (numbers: Numbers) => Interval | null): CsvColumn[] => [
  ofNumbers(name, (numbers) => pick(numbers)?.value),
  ofNumbers(`${name}_low`, (numbers) => pick(numbers)?.low),
  ofNumbers(`${name}_high`, (numbers) => pick(numbers)?.high),
];

const IDENTITY: CsvColumn[] = [
  ofCell("id", ({ id }) => id),
  ofCell("framework", ({ framework }) => framework),
  ofCell("variant", ({ variant }) => variant),
  ofCell("version", ({ version }) => version),
  ofCell("protocol", ({ protocol }) => protocol),
  ofCell("scenario", ({ scenario }) => scenario),
  ofCell("loop", ({ loop }) => loop),
  ofCell("operation", ({ operations }) => operations),
];

const NUMBERS: CsvColumn[] = [
  { name: "verdict", field: ({ status }) => status },
  ofCell("reason", ({ reason }) => reason),
  { name: "rank", field: ({ rank }) => rank },
  ofNumbers("throughput_is_lower_bound", ({ isLowerBound }) => String(isLowerBound)),
  ofNumbers("throughput_per_second", ({ throughput }) => throughput.value),
  ofNumbers("throughput_per_second_low", ({ throughput }) => throughput.low),
  ofNumbers("throughput_per_second_high", ({ throughput, isLowerBound }) =>
    isLowerBound ? null : throughput.high,
  ),
  ...interval("server_cpu_ns_per_op", ({ serverCpuNs }) => serverCpuNs),
  { name: "ratio_of", field: ({ numbers }) => (numbers?.ratio == null ? null : numbers.ratio.of) },
  { name: "ratio_to", field: ({ numbers }) => (numbers?.ratio == null ? null : numbers.ratio.to) },
  ...interval("ratio", ({ ratio }) => ratio),
  ...interval("generator_cpu_ns_per_op", ({ clientCpuNs }) => clientCpuNs),
  ofNumbers("server_user_cpu_share", ({ userShare }) => userShare),
  ...interval("server_context_switches_per_op", ({ contextSwitches }) => contextSwitches),
  ...interval("server_rss_bytes", ({ rssBytes }) => rssBytes),
  ...interval("system_calls_per_op", ({ systemCalls }) => systemCalls),
  ofNumbers("latency_p50_ns", ({ latencyNs }) => latencyNs?.p50),
  ofNumbers("latency_p90_ns", ({ latencyNs }) => latencyNs?.p90),
  ofNumbers("latency_p99_ns", ({ latencyNs }) => latencyNs?.p99),
  ofNumbers("latency_p99_9_ns", ({ latencyNs }) => latencyNs?.p99_9),
  ofNumbers("latency_max_ns", ({ latencyNs }) => latencyNs?.max),
  ofNumbers("connections_per_shard", ({ connectionsPerShard }) => connectionsPerShard?.join(" ")),
];

function render(run: Run): string {
  const rows = [...Map.groupBy(run.cells, ({ scenario }) => scenario).values()].flatMap((cells) =>
    groupCells(cells, run.plan.baseline).flatMap((group) => group.rows),
  );
  const columns = [...IDENTITY, ...parameterColumns(run.cells), ...NUMBERS, ...stageColumns(rows)];
  const lines = [
    columns.map(({ name }) => name),
    ...rows.map((row) => columns.map(({ field }) => field(row))),
  ];
  return lines.map((fields) => `${fields.map(csvField).join(",")}\r\n`).join("");
}

function parameterColumns(cells: readonly Cell[]): CsvColumn[] {
  const names = new Set(cells.flatMap(({ parameters }) => Object.keys(parameters)));
  return [...names].map((name) => ofCell(`parameter_${name}`, ({ parameters }) => parameters[name] ?? null));
}

function stageColumns(rows: readonly Row[]): CsvColumn[] {
  const names = new Set(rows.flatMap(({ numbers }) => Object.keys(numbers?.stages ?? {})));
  return [...names].flatMap((name) =>
    (["p50", "p99", "max"] as const).map((percentile) =>
      ofNumbers(`stage_${name}_${percentile}_ns`, ({ stages }) => stages[name]?.latencyNs[percentile]),
    ),
  );
}

export default { name: "csv", fileName: "summary.csv", render } satisfies Report;
