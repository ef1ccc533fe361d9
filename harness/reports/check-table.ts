/**
 * The evidence for each verdict: every check of every server, how many samples passed it, and the sample that came
 * nearest to its limit or went furthest beyond it. The tables above it show one word; this is that word in full.
 */
import type { Cell, Check } from "../results/run.ts";
import type { Group } from "./groups.ts";
import type { Table, TableCell } from "./tables.ts";

export const CHECKS_TITLE = "Checks behind the verdicts";

interface CheckSummary {
  name: string;
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
    rows: lines.map(({ label, name, passed, nearest }) =>
      [label, name, passed, nearest.message].map((text): TableCell => ({ text, detail: null })),
    ),
  };
}

/** The checks of all samples, and those of the cell as a whole, which stand in place of the samples' own. */
function checksOf({ samples, summary }: Pick<Cell, "samples" | "summary">): CheckSummary[] {
  const ofSamples = samples.flatMap(({ validity }) => validity?.checks ?? []);
  const judged = new Map(Map.groupBy(ofSamples, ({ name }) => name));
  for (const check of summary?.validity.checks ?? []) {
    const same = ofSamples.some((one) => one.name === check.name && one.message === check.message);
    if (!same) judged.set(check.name, [check]);
  }
  return [...judged].map(([name, checks]) => ({
    name,
    passed: `${checks.filter(({ passed }) => passed).length} of ${checks.length}`,
    nearest: checks.reduce((worst, next) => (severity(next) > severity(worst) ? next : worst)),
  }));
}

/** Failed checks come first, then those with the largest value for their limit. */
function severity({ passed, value, limit, name }: Check): number {
  const share = value === null ? -1 : limit === null || limit === 0 ? value : value / limit;
  // A share of waits is proved by being large, and so is a rate that was offered.
  const isFloor = name === "rate offered" || name === "back end proved";
  return (passed ? 0 : 1e9) + (isFloor ? -share : share);
}
