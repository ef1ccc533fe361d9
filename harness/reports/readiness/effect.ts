/**
 * The effect of readiness: what an echo costs a server as the crowd of silent connections beside it grows. Cells that
 * differ only in the size of the crowd are put into one row, with the slope of log(CPU per echo) against log(crowd).
 */
import type { Cell } from "../results/run.ts";
import { countingSamples } from "../results/summary.ts";
import { logLogSlope, type Point } from "../statistics/slope.ts";
import type { Column, Table, TableCell } from "./tables.ts";
import { inUnit, NOT_OBSERVED, percentage, significant, timeUnit, whole } from "./units.ts";
import { serverLabel } from "./words.ts";

const CROWD = "idleConnections";
/** Below this a few busy connections hide what the silent ones cost, so the slope is taken from here on. */
const SLOPE_FROM = 1000;

export interface Readiness {
  /** What the active connections did, in words. */
  settings: string;
  table: Table;
  /** What is seen, one plain sentence for each server. */
  findings: string[];
}

interface Line {
  label: string;
  /** By size of the crowd, ascending. */
  cells: Map<number, Cell>;
}

/** One entry for each setting of the active connections; none when no crowd was measured. */
export function readinessEffect(cells: readonly Cell[]): Readiness[] {
  const crowded = cells.filter((cell) => CROWD in cell.parameters);
  const settings = Map.groupBy(crowded, settingsOf);
  return [...settings].flatMap(([name, members]) => {
    const crowds = [...new Set(members.map(crowdOf))].toSorted((a, b) => a - b);
    if (crowds.length < 2) return [];
    const lines = [...Map.groupBy(members, serverLabel)].map(([label, own]) => ({
      label,
      cells: new Map(own.map((cell) => [crowdOf(cell), cell])),
    }));
    return [{ settings: name, table: table(lines, crowds), findings: findings(lines, crowds) }];
  });
}

function settingsOf({ protocol, parameters }: Cell): string {
  const { connections, payloadBytes } = parameters;
  return `${connections} active connections, ${payloadBytes} B, ${protocol}`;
}

function crowdOf({ parameters }: Cell): number {
  return Number(parameters[CROWD]);
}

function table(lines: readonly Line[], crowds: readonly number[]): Table {
  const unit = timeUnit(lines.flatMap((line) => crowds.map((crowd) => costOf(line, crowd))));
  const number = (title: string, unitName: string | null): Column => ({
    title,
    unit: unitName,
    align: "right",
  });
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      ...crowds.map((crowd) => number(`beside ${whole(crowd)}`, `${unit.name}/op`)),
      number(`slope from ${whole(SLOPE_FROM)} on`, null),
      number("events per wait", null),
      number("time in wait", null),
      number("memory per silent connection", "B"),
    ],
    rows: lines.map((line) => [
      plain(line.label),
      ...crowds.map((crowd) => plain(inUnit(costOf(line, crowd), unit))),
      slopeCell(line),
      ...waitCells(line),
      plain(memoryPerConnection(line, crowds)),
    ]),
  };
}

/** The server's CPU time per echo beside a crowd, nanoseconds; null when it was not measured or not observed. */
function costOf({ cells }: Line, crowd: number): number | null {
  const cell = cells.get(crowd);
  return cell?.status === "ok" ? (cell.summary?.serverCpuNsPerOp?.value ?? null) : null;
}

function slopeCell({ cells }: Line): TableCell {
  const points = [...cells].flatMap(([crowd, cell]): Point[] =>
    crowd < SLOPE_FROM
      ? []
      : countingSamples(cell.samples).flatMap(({ serverCpuNsPerOp }) =>
          serverCpuNsPerOp === null ? [] : [{ x: crowd, y: serverCpuNsPerOp }],
        ),
  );
  const slope = logLogSlope(points);
  if (slope === null) return plain(NOT_OBSERVED);
  return { text: slope.value.toFixed(2), detail: `[${slope.low.toFixed(2)}–${slope.high.toFixed(2)}]` };
}

/** Seen beside the largest crowd that was measured. */
function waitCells({ cells }: Line): TableCell[] {
  const summary = [...cells.values()].findLast((cell) => cell.summary !== null)?.summary;
  const share = summary?.waitShare?.value;
  const events = summary?.eventsPerWait?.value;
  return [
    plain(events === undefined ? NOT_OBSERVED : significant(events)),
    plain(share === undefined ? NOT_OBSERVED : percentage(share)),
  ];
}

/** Resident memory that the largest crowd added, for each of its connections; the kernel's own is not in it. */
function memoryPerConnection({ cells }: Line, crowds: readonly number[]): string {
  const largest = crowds.at(-1) ?? 0;
  const alone = cells.get(0)?.summary?.serverRssBytes?.value;
  const crowded = cells.get(largest)?.summary?.serverRssBytes?.value;
  if (alone === undefined || crowded === undefined || largest === 0) return NOT_OBSERVED;
  return whole(Math.max(0, Math.round((crowded - alone) / largest)));
}

function findings(lines: readonly Line[], crowds: readonly number[]): string[] {
  const [smallest = 0] = crowds;
  return lines.flatMap((line) => {
    const reached = crowds.filter((crowd) => costOf(line, crowd) !== null);
    const largest = reached.at(-1);
    const before = costOf(line, smallest);
    const wall = wallOf(line, crowds);
    const sentences = wall === null ? [] : [wall];
    if (largest === undefined || largest === smallest || before === null) return sentences;
    const times = (costOf(line, largest) ?? 0) / before;
    const beside = smallest === 0 ? "without a crowd" : `beside ${whole(smallest)}`;
    return [
      `${line.label}: beside ${whole(largest)} silent connections an echo cost ${times.toFixed(2)} times what it cost ${beside}.`,
      ...sentences,
    ];
  });
}

/** Where a server could not go on, in its own words. */
function wallOf({ label, cells }: Line, crowds: readonly number[]): string | null {
  const wall = crowds.find((crowd) => cells.get(crowd)?.status === "failed");
  if (wall === undefined) return null;
  return `${label}: stopped before ${whole(wall)} silent connections. ${cells.get(wall)?.reason ?? ""}`.trim();
}

function plain(text: string): TableCell {
  return { text, detail: null };
}
