/** What other load generators saw of a group's servers, beside what ours saw, so that a reader can check ours. */
import type { OtherEngine } from "../results/run.ts";
import { mean } from "../statistics/student.ts";
import { inUnit, NOT_OBSERVED, significant, timeUnit } from "../units.ts";
import type { Group, Row } from "./groups.ts";
import { plain, type Table, type TableCell } from "./tables.ts";

export interface OtherEngines {
  table: Table;
  /** What the figures leave out, and why some are not there, in sentences. */
  notes: string[];
}

export const OTHER_ENGINES_TITLE = "Under other load generators";
export const OTHER_ENGINES_READING =
  "The same requests from other load generators, each server alone and warm, mean over generations. They verify no byte, so " +
  "these figures have no rank. Where they differ from ours, crosscheck says why.";

/** Null for a group in which no other load generator was asked for. */
export function otherEngines({ rows }: Group): OtherEngines | null {
  const having = rows.filter(({ cell }) => cell.otherEngines.length > 0);
  if (having.length === 0) return null;
  const all = having.flatMap(({ cell }) => cell.otherEngines);
  const caveats = all.flatMap(({ caveat }) => caveat ?? []);
  const failures = having.flatMap(({ label, cell }) =>
    cell.otherEngines.flatMap(({ engine, reason }) =>
      reason === null ? [] : [`${label} under ${engine}: ${reason}`],
    ),
  );
  return { table: tableOf(having), notes: [...new Set(caveats), ...failures] };
}

const MICRO = timeUnit([50_000]);

function tableOf(rows: readonly Row[]): Table {
  const micro = MICRO.name;
  const column = (title: string, unit: string | null, align: "left" | "right" = "right") => ({
    title,
    unit,
    align,
  });
  return {
    columns: [
      column("server", null, "left"),
      { ...column("load generator", null, "left"), wide: true },
      { ...column("throughput", "requests/s"), wide: true },
      column("server CPU", `${micro}/op`),
      ...[column("generator CPU", `${micro}/op`), column("p50", micro), column("p99", micro)],
    ],
    rows: rows.flatMap((row) => [ourRow(row), ...inOrder(row).map((one) => theirRow(row.label, one))]),
  };
}

/** Those that have figures; they took turns at random, and a table is read down. */
function inOrder({ cell }: Row): OtherEngine[] {
  const measured = cell.otherEngines.filter(({ rounds }) => rounds.length > 0);
  return measured.toSorted((a, b) => (a.engine < b.engine ? 1 : -1));
}

function ourRow({ label, numbers }: Row): TableCell[] {
  const throughput = numbers === null ? NOT_OBSERVED : significant(numbers.throughput.value);
  return [
    ...[label, "readymark", `${numbers?.isLowerBound ? "≥ " : ""}${throughput}`],
    inUnit(numbers?.serverCpuNs?.value ?? null, MICRO),
    inUnit(numbers?.clientCpuNs?.value ?? null, MICRO),
    ...(["p50", "p99"] as const).map((name) => inUnit(numbers?.latencyNs?.[name] ?? null, MICRO)),
  ].map((text) => plain(text));
}

function theirRow(label: string, { engine, version, rounds }: OtherEngine): TableCell[] {
  const middle = (values: readonly (number | null)[]): number | null => {
    const observed = values.filter((value) => value !== null);
    return observed.length === 0 ? null : mean(observed);
  };
  const perSecond = middle(rounds.map(({ requestsPerSecond }) => requestsPerSecond));
  return [
    ...[label, `${engine} ${version}`.trim(), perSecond === null ? NOT_OBSERVED : significant(perSecond)],
    inUnit(middle(rounds.map(({ serverCpuNsPerRequest }) => serverCpuNsPerRequest)), MICRO),
    inUnit(middle(rounds.map(({ clientCpuNsPerRequest }) => clientCpuNsPerRequest)), MICRO),
    ...(["p50", "p99"] as const).map((name) =>
      inUnit(middle(rounds.map(({ latencyNs }) => latencyNs?.[name] ?? null)), MICRO),
    ),
  ].map((text) => plain(text));
}
