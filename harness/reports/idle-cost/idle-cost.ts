/** What idle connections cost: the server's CPU per echo as their number grows. */
import type { Cell } from "../../results/run.ts";
import type { Table } from "../tables.ts";
import { idleCostLines, type IdleCostLines } from "./idle-cost-lines.ts";
import { costTable, growthTable } from "./idle-cost-tables.ts";
import { findingsOf } from "./idle-cost-findings.ts";

export interface IdleCost {
  /** What the active connections did, in words. */
  settings: string;
  measured: IdleCostLines;
  /** What the numbers show, in plain sentences. */
  findings: string[];
  /** Server CPU per echo with each number of idle connections, with intervals. */
  costs: Table;
  /** How the cost grew, and how many events a wait returned. */
  growth: Table;
}

/** The line above each of the tables. */
export const COSTS_TITLE =
  "Server CPU per echo by number of idle connections, with its 95 % interval over generations:";
export const GROWTH_TITLE =
  "How the cost grew (log-log slope: 1 is linear in the number of idle connections, 0 is constant), and what was observed with the most idle connections:";

/** One entry for each setting of the active connections that has at least two numbers of idle connections. */
export function idleCosts(cells: readonly Cell[]): IdleCost[] {
  return idleCostLines(cells).map((measured) => ({
    settings: measured.settings,
    measured,
    findings: findingsOf(measured),
    costs: costTable(measured),
    growth: growthTable(measured),
  }));
}
