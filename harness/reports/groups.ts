/**
 * Puts the cells that may be compared side by side, ranks them, and lets through only numbers that may be believed.
 * Comparable means the same scenario, protocol and settings.
 */
import { definitionOf } from "../checks/judge.ts";
import { objectiveOf } from "../results/objective.ts";
import type { Loop, Parameters } from "../contract.ts";
import type { Cell, Distribution, Estimate, Percentiles, Run, Summary } from "../results/run.ts";
import { countingSamples } from "../results/counting-samples.ts";
import { serverUserShare } from "../results/summary.ts";
import { rank } from "../statistics/ranks.ts";
import type { Interval } from "../statistics/student.ts";
import { MICRO } from "../results/cell-id.ts";
import {
  CAPACITY_NOTE,
  LOOP_NOTES,
  MICRO_NOTE,
  isClientLimited,
  isNotSteady,
  settingsText,
} from "./labels.ts";
import { isNamed, serverName, USUAL_BASELINE } from "../results/server-name.ts";
import { compare, GENERATIONS_TO_RANK, type Quantity } from "./comparison.ts";

/** How many times more a server has than the baseline of its group. */
interface Ratio extends Interval {
  of: Quantity;
  /** The baseline. */
  to: string;
  generations: number;
}

/** What may be shown of a cell that ended well. */
export interface Numbers {
  throughput: Estimate;
  /** The throughput is only a lower bound. Latency is then null: it would be the generator's, not the server's. */
  isLowerBound: boolean;
  serverCpuNs: Estimate | null;
  clientCpuNs: Estimate | null;
  /** User-mode share of the server's CPU time, 0 to 1. */
  userShare: number | null;
  /** The kernel floor as a share of the server's CPU time per operation. */
  floorShare: Estimate | null;
  contextSwitches: Estimate | null;
  rssBytes: Estimate | null;
  systemCalls: Estimate | null;
  /** The paired ratio to the group's baseline of what `Group.ratioOf` names; null without a generation of both. */
  ratio: Ratio | null;
  latencyNs: Percentiles | null;
  histogram: string | null;
  stages: Record<string, Distribution>;
  connectionsPerShard: number[] | null;
}

export interface Row {
  cell: Cell;
  label: string;
  /** "1", "2=" for a tie, or null for a cell without a rank. */
  rank: string | null;
  status: Cell["status"] | "client-limited" | "not steady";
  /** Null unless the cell is ok. */
  numbers: Numbers | null;
}

export interface Group {
  protocol: Cell["protocol"];
  loop: Loop;
  loopNote: string;
  /** What one operation is, plural. */
  operations: string;
  /** The settings in words; empty when the scenario has none. */
  settings: string;
  /** What the ranks go by: at an offered rate the throughput is given, so there it is the tail of the latency. */
  rankedBy: "throughput" | "capacity" | "p99 latency";
  /** The latency objective whose capacity was searched for; null when the load was given. */
  objective: string | null;
  /** The server that ratios go to; null when no server of the group has numbers. */
  baseline: string | null;
  /** What the paired ratio of each row compares. */
  ratioOf: Quantity;
  /** Best first, cells without numbers last. */
  rows: Row[];
}

/**
 * The cells of one scenario, in groups of comparable ones, in the order of the run. `baseline` names the server that ratios
 * go to; where the group has no such server, or no numbers of it, the usual one takes its place, or the first that has any.
 */
export function groupCells(cells: readonly Cell[], baseline: string | null = null): Group[] {
  const groups = Map.groupBy(cells, ({ protocol, parameters }) => `${protocol} ${parameterKey(parameters)}`);
  return [...groups.values()].map((members) => {
    const { protocol, loop, operations, parameters } = members[0] as Cell;
    const objective = objectiveOf(parameters);
    const rankedBy = objective !== null ? "capacity" : loop === "open" ? "p99 latency" : "throughput";
    return {
      protocol,
      loop,
      loopNote:
        members[0]?.scenario === MICRO ? MICRO_NOTE : objective === null ? LOOP_NOTES[loop] : CAPACITY_NOTE,
      operations,
      settings: settingsText(parameters),
      rankedBy,
      objective,
      ...rowsOf(members, rankedBy, baseline),
    };
  });
}

/** What tables show of each cell of a run, in the order of the run. */
export function rowsByCell({ cells, plan }: Pick<Run, "cells" | "plan">): Map<Cell, Row> {
  const scenarios = Map.groupBy(cells, ({ scenario }) => scenario).values();
  const rows = [...scenarios].flatMap((own) => groupCells(own, plan.baseline)).flatMap((group) => group.rows);
  const found = new Map(rows.map((row) => [row.cell, row]));
  return new Map(cells.map((cell) => [cell, found.get(cell) as Row]));
}

function parameterKey(parameters: Parameters): string {
  return JSON.stringify(Object.entries(parameters).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function rowsOf(
  cells: readonly Cell[],
  rankedBy: Group["rankedBy"],
  wanted: string | null,
): Pick<Group, "rows" | "baseline" | "ratioOf"> {
  const isByLatency = rankedBy === "p99 latency";
  const rows = cells
    .map(toRow)
    .toSorted(
      (left, right) => sortKey(left, isByLatency) - sortKey(right, isByLatency) || compareLabels(left, right),
    );
  giveRanks(rows, isByLatency ? "p99 latency" : "throughput");
  const ratioOf = isByLatency ? "p99 latency" : "server CPU";
  const comparable = cells.flatMap(
    (cell) => rows.find((row) => row.cell === cell && hasQuantity(row, ratioOf)) ?? [],
  );
  const baseline =
    comparable.find(({ cell }) => wanted !== null && isNamed(cell, wanted)) ??
    comparable.find(({ cell }) => isNamed(cell, USUAL_BASELINE)) ??
    comparable[0];
  if (baseline === undefined) return { rows, baseline: null, ratioOf };
  for (const { cell, numbers } of comparable) {
    const comparison = compare(baseline.cell, cell, ratioOf);
    if (comparison === null || numbers === null) continue;
    const { ratio, generations } = comparison;
    numbers.ratio = { ...ratio, generations, of: ratioOf, to: baseline.label };
  }
  return { rows, baseline: baseline.label, ratioOf };
}

/** Whether the row has numbers, and they hold the quantity. */
function hasQuantity({ cell, numbers }: Row, quantity: Quantity): boolean {
  if (numbers === null || (quantity === "p99 latency" && numbers.isLowerBound)) return false;
  return compare(cell, cell, quantity) !== null;
}

/** Only numbers of a server that was in its steady state, and of enough generations, have a rank. */
function giveRanks(rows: readonly Row[], quantity: Quantity): void {
  const rankable = rows.filter(
    ({ cell, numbers, status }) =>
      numbers !== null &&
      status !== "not steady" &&
      !(quantity === "p99 latency" && numbers.isLowerBound) &&
      countingSamples(cell.samples).length >= GENERATIONS_TO_RANK,
  );
  const ranks = rank(rankable.length, (better, worse) =>
    isApart(rankable[better], rankable[worse], quantity),
  );
  for (const [index, row] of rankable.entries()) {
    const found = ranks[index];
    if (found !== undefined) row.rank = `${found.rank}${found.tied ? "=" : ""}`;
  }
}

/** Whether the first is surely better in what ranks go by. How much faster a server would be under a stronger generator is not known. */
export function isApart(better: Row | undefined, worse: Row | undefined, quantity: Quantity): boolean {
  if (better === undefined || worse === undefined || worse.numbers?.isLowerBound) return false;
  const comparison = compare(worse.cell, better.cell, quantity);
  if (comparison === null || comparison.generations < GENERATIONS_TO_RANK) return false;
  return quantity === "p99 latency" ? comparison.ratio.high < 1 : comparison.ratio.low > 1;
}

function toRow(cell: Cell): Row {
  const numbers = cell.status === "ok" && cell.summary !== null ? believable(cell, cell.summary) : null;
  const status = isClientLimited(cell) ? "client-limited" : isNotSteady(cell) ? "not steady" : cell.status;
  return { cell, label: serverName(cell), rank: null, status, numbers };
}

function believable(cell: Cell, summary: Summary): Numbers {
  // One that was limited makes the mean of all a lower bound, whatever else is said of the worst.
  const isLowerBound =
    isClientLimited(cell) ||
    countingSamples(cell.samples).some(({ validity }) =>
      validity?.checks.some(
        (check) => !check.passed && definitionOf(check)?.consequence === "client-limited",
      ),
    );
  return {
    throughput: summary.throughput,
    isLowerBound,
    serverCpuNs: summary.serverCpuNsPerOp,
    clientCpuNs: summary.clientCpuNsPerOp,
    userShare: serverUserShare(cell.samples),
    contextSwitches: summary.serverContextSwitchesPerOp,
    floorShare: summary.floorShare,
    rssBytes: summary.serverRssBytes,
    systemCalls: summary.syscallsPerOp,
    ratio: null,
    latencyNs: isLowerBound ? null : summary.latencyNs,
    histogram: isLowerBound ? null : summary.histogram,
    stages: isLowerBound ? {} : summary.stages,
    connectionsPerShard: summary.connectionsPerShard,
  };
}

/** Smaller comes first. */
function sortKey({ numbers, cell }: Row, isByLatency: boolean): number {
  if (numbers === null) return Number.MAX_VALUE;
  if (isByLatency) return cell.summary?.latencyIntervalsNs?.p99.value ?? Number.MAX_SAFE_INTEGER;
  return -numbers.throughput.value;
}

function compareLabels(left: Row, right: Row): number {
  return left.label < right.label ? -1 : left.label > right.label ? 1 : 0;
}
