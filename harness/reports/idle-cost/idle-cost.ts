/** The effect of readiness: what an echo costs a server as the crowd of silent connections beside it grows. */
import type { Cell } from "../../results/run.ts";
import type { Table } from "../tables.ts";
import { crowdLines, type CrowdLines } from "./idle-cost-lines.ts";
import { costTable, effectTable } from "./idle-cost-tables.ts";
import { whatIsSeen } from "./idle-cost-findings.ts";

export interface Readiness {
  /** What the active connections did, in words. */
  settings: string;
  measured: CrowdLines;
  /** What is seen, in plain sentences. */
  findings: string[];
  /** Server CPU per echo beside each crowd, with intervals. */
  costs: Table;
  /** How the cost grew, and what the waits brought. */
  effects: Table;
}

/** What the tables hold, for whoever puts a line above them. */
export const COSTS_ARE = "Server CPU per echo beside silent connections, with its 95 % interval over rounds:";
export const EFFECTS_ARE =
  "How it grew (with a slope of 1 ten times the crowd makes an echo ten times as dear, with 0 as dear as before), and what was seen beside the largest crowd:";

/** One entry for each setting of the active connections; none when no two crowds were asked for. */
export function readinessEffect(cells: readonly Cell[]): Readiness[] {
  return crowdLines(cells).map((measured) => ({
    settings: measured.settings,
    measured,
    findings: whatIsSeen(measured),
    costs: costTable(measured),
    effects: effectTable(measured),
  }));
}
