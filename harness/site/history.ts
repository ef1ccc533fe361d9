/** One number of one cell over runs: what it was in each, what changed about the machine, and where its level moved. */
import { mayBeCompared } from "../reports/comparison.ts";
import { cellTitle } from "../reports/labels.ts";
import { differencesOf } from "../results/comparable.ts";
import type { Cell, Estimate, Run } from "../results/run.ts";
import { serverName } from "../results/server-name.ts";
import { changePoints, type ChangePoint } from "../statistics/change-points.ts";

interface HistoryPoint {
  run: Run;
  value: Estimate;
  /** What differs from the conditions of the point before, in words; empty when nothing does. */
  changed: string[];
}

export interface History {
  server: string;
  /** The cell's id, which is the same in all runs. */
  id: string;
  /** What was measured, in words. */
  title: string;
  /** Oldest first; two at least. */
  points: HistoryPoint[];
  changes: ChangePoint[];
}

/** Server CPU per operation of every cell that at least two runs have numbers of, in the order of the newest run. */
export function historiesOf(runs: readonly Run[]): History[] {
  const oldestFirst = runs.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const ids = [...new Set(oldestFirst.toReversed().flatMap(({ cells }) => cells.map(({ id }) => id)))];
  return ids.flatMap((id): History[] => {
    const found = oldestFirst.flatMap((run) => {
      const cell = run.cells.find((one) => one.id === id);
      const value = cell === undefined ? null : costOf(cell);
      return cell === undefined || value === null ? [] : [{ run, cell, value }];
    });
    const [first] = found;
    if (first === undefined || found.length < 2) return [];
    const points = found.map(({ run, value }, index): HistoryPoint => {
      const before = found[index - 1]?.run;
      return { run, value, changed: before === undefined ? [] : differencesOf(before, run) };
    });
    const changes = changePoints(points.map(({ value }) => Math.log(value.value)));
    return [{ server: serverName(first.cell), id, title: cellTitle(first.cell), points, changes }];
  });
}

function costOf(cell: Cell): Estimate | null {
  const cost = cell.summary?.serverCpuNsPerOp ?? null;
  return mayBeCompared(cell, "server CPU") && cost !== null && cost.value > 0 ? cost : null;
}
