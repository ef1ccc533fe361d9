/**
 * Puts the cells that may be compared side by side, ranks them, and lets through only numbers that may be believed.
 * Comparable means the same scenario, protocol and settings.
 */
import { objectiveOf } from "../results/objective.ts";
import type { Loop, Parameters, Protocol } from "../contract.ts";
import type { Cell, Distribution, Estimate, Percentiles, Summary } from "../results/run.ts";
import { countingSamples, serverUserShare } from "../results/summary.ts";
import { rank } from "../statistics/ranks.ts";
import { CAPACITY_NOTE, LOOP_NOTES, isClientLimited, serverLabel, settingsText } from "./labels.ts";

/** Two rounds straddle the true median only half of the time: too little to put one server before another. */
export const ROUNDS_TO_RANK = 3;

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
  status: Cell["status"] | "client-limited";
  /** Null unless the cell is ok. */
  numbers: Numbers | null;
}

export interface Group {
  protocol: Protocol;
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
  /** Best first, cells without numbers last. */
  rows: Row[];
}

/** The cells of one scenario, in groups of comparable ones, in the order of the run. */
export function groupCells(cells: readonly Cell[]): Group[] {
  const groups = Map.groupBy(cells, ({ protocol, parameters }) => `${protocol} ${parameterKey(parameters)}`);
  return [...groups.values()].map((members) => {
    const { protocol, loop, operations, parameters } = members[0] as Cell;
    const objective = objectiveOf(parameters);
    const rankedBy = objective !== null ? "capacity" : loop === "open" ? "p99 latency" : "throughput";
    return {
      protocol,
      loop,
      loopNote: objective === null ? LOOP_NOTES[loop] : CAPACITY_NOTE,
      operations,
      settings: settingsText(parameters),
      rankedBy,
      objective,
      rows: rankedRows(members, rankedBy),
    };
  });
}

function parameterKey(parameters: Parameters): string {
  return JSON.stringify(Object.entries(parameters).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function rankedRows(cells: readonly Cell[], rankedBy: Group["rankedBy"]): Row[] {
  const isByLatency = rankedBy === "p99 latency";
  const rows = cells.map(toRow);
  const rankable = rows.flatMap((row) => {
    const span = rankedSpan(row, isByLatency);
    return span === null || countingSamples(row.cell.samples).length < ROUNDS_TO_RANK
      ? []
      : [{ row, ...span }];
  });
  const ranks = rank(rankable, isByLatency ? "lowest" : "highest");
  for (const [index, { row }] of rankable.entries()) {
    const found = ranks[index];
    if (found !== undefined) row.rank = `${found.rank}${found.tied ? "=" : ""}`;
  }
  return rows.toSorted(
    (left, right) => sortKey(left, isByLatency) - sortKey(right, isByLatency) || compareLabels(left, right),
  );
}

function toRow(cell: Cell): Row {
  const numbers = cell.status === "ok" && cell.summary !== null ? believable(cell, cell.summary) : null;
  const status = isClientLimited(cell) ? "client-limited" : cell.status;
  return { cell, label: serverLabel(cell), rank: null, status, numbers };
}

function believable(cell: Cell, summary: Summary): Numbers {
  const isLowerBound = isClientLimited(cell);
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
    latencyNs: isLowerBound ? null : summary.latencyNs,
    histogram: isLowerBound ? null : summary.histogram,
    stages: isLowerBound ? {} : summary.stages,
    connectionsPerShard: summary.connectionsPerShard,
  };
}

function rankedSpan({ numbers, cell }: Row, isByLatency: boolean): { low: number; high: number } | null {
  if (numbers === null) return null;
  if (isByLatency) return numbers.isLowerBound ? null : (cell.summary?.latencyIntervalsNs?.p99 ?? null);
  // How much faster a server would be under a stronger generator is not known.
  return { low: numbers.throughput.low, high: numbers.isLowerBound ? Infinity : numbers.throughput.high };
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
