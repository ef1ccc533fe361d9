/**
 * The evidence for each verdict: every check of every server, how many samples passed it, and the sample that came
 * nearest to its limit or went furthest beyond it. The tables above it show one word; this is that word in full.
 */
import type { Cell, Check } from "../results/run.ts";
import { definitionOf } from "../checks/judge.ts";
import type { Group } from "./groups.ts";
import type { Table, TableCell } from "./tables.ts";

export const CHECKS_TITLE = "Checks behind the verdicts";

interface CheckSummary {
  title: string;
  /** How many samples passed, of how many that were judged: "5 of 5". */
  passed: string;
  nearest: Check;
}

/** One row for each check of each server; null when nothing of the group was judged. */
export function checkTable({ rows }: Group): Table | null {
  const lines = rows.flatMap(({ label, cell }) => checksOf(cell).map((line) => ({ label, ...line })));
  if (lines.length === 0) return null;
  const left = { unit: null, align: "left" } as const;
  return {
    columns: [
      { title: "server", ...left },
      { title: "check", ...left },
      { title: "passed", unit: "samples", align: "right" },
      { title: "nearest to its limit", ...left },
    ],
    rows: lines.map(({ label, title, passed, nearest }) =>
      [label, title, passed, nearest.message].map((text): TableCell => ({ text, detail: null })),
    ),
  };
}

/** The checks of all samples, and those of the cell as a whole, which stand in place of the samples' own. */
function checksOf({ samples, summary }: Pick<Cell, "samples" | "summary">): CheckSummary[] {
  const ofSamples = samples.flatMap(({ validity }) => validity?.checks ?? []);
  const judged = new Map(Map.groupBy(ofSamples, ({ id }) => id));
  for (const check of summary?.validity.checks ?? []) {
    const same = ofSamples.some((one) => one.id === check.id && one.message === check.message);
    if (!same) judged.set(check.id, [check]);
  }
  return [...judged].map(([id, checks]) => ({
    title: titleOf({ id }),
    passed: `${checks.filter(({ passed }) => passed).length} of ${checks.length}`,
    nearest: checks.reduce((worst, next) => (severity(next) > severity(worst) ? next : worst)),
  }));
}

/** How a reader names a check; one that this version does not know keeps its id. */
export function titleOf(check: Pick<Check, "id">): string {
  return definitionOf(check)?.title ?? check.id;
}

/** Failed checks come first, then those that are nearest to their limit. */
function severity(check: Check): number {
  const { passed, value, limit } = check;
  const share = value === null ? -1 : limit === null || limit === 0 ? value : value / limit;
  const isBestWhenLarge = definitionOf(check)?.passes === "at least";
  return (passed ? 0 : 1e9) + (isBestWhenLarge ? -share : share);
}
