/** What every report says, in the order it says it, before any format decides how it looks. */
import type { Loop } from "../contract.ts";
import type { Cell, Run } from "../results/run.ts";
import { type Group, groupCells } from "./groups.ts";
import { type Problem, findProblems } from "./problems.ts";
import { type Fact, describeEnvironment, describePlan, repeatCommand } from "./provenance.ts";
import { remarks } from "./remarks.ts";
import { type IdleCost, idleCosts } from "./idle-cost/idle-cost.ts";
import { howToRead } from "./how-to-read.ts";
import { type SystemCalls, systemCalls } from "./system-call-table.ts";
import { isClientLimited } from "./labels.ts";
import { isMicro } from "../results/cell-id.ts";
import { serverName } from "../results/server-name.ts";

export interface ScenarioPart {
  scenario: string;
  loop: Loop;
  /** What one operation is, plural. */
  operations: string;
  groups: Group[];
}

export interface ReportModel {
  title: string;
  /** What was done, in one sentence. */
  what: string;
  /** How many cells ended how; only what occurred. */
  verdict: { status: Cell["status"]; count: number; detail: string | null }[];
  scenarios: ScenarioPart[];
  /** Empty unless several numbers of idle connections were measured. */
  idleCosts: IdleCost[];
  systemCalls: SystemCalls;
  problems: Problem[];
  warnings: string[];
  howToRead: string[];
  environment: Fact[];
  plan: Fact[];
  /** The command line that measures the same again. */
  command: string;
}

export function buildModel(run: Run): ReportModel {
  return {
    title: `readymark run ${run.id}`,
    what: describeRun(run),
    verdict: tally(run.cells),
    scenarios: scenarioParts(run),
    idleCosts: idleCosts(run.cells),
    systemCalls: systemCalls(run.cells),
    problems: findProblems(run.cells),
    warnings: [...run.warnings, ...remarks(run.cells)],
    howToRead: howToRead(run),
    environment: describeEnvironment(run.environment),
    plan: describePlan(run),
    command: repeatCommand(run),
  };
}

/** The verdict in one line: "14 ok (1 client-limited), 1 failed". */
export function verdictLine({ verdict }: ReportModel): string {
  if (verdict.length === 0) return "no cells";
  return verdict
    .map(({ status, count, detail }) => `${count} ${status}${detail === null ? "" : ` (${detail})`}`)
    .join(", ");
}

function describeRun({ cells, plan, startedAt, finishedAt }: Run): string {
  if (isMicro({ cells }))
    return (
      `${cells.length} small pieces of the code, one at a time, by tinybench: ${plan.generations} fresh processes, ` +
      `${plan.durationSeconds} s of each in each. Started ${moment(startedAt)}.`
    );
  const servers = new Set(cells.map(serverName)).size;
  const { generations, durationSeconds, sliceSeconds, isolated } = plan;
  const count = `${generations} ${generations === 1 ? "generation" : "generations"} of fresh server processes`;
  const how = isolated
    ? "each server alone"
    : `all servers of a protocol alive together and loaded in turn, in slices of ${sliceSeconds * 1000} ms`;
  const what = `${servers} ${servers === 1 ? "server" : "servers"} over ${listOf(cells.map(({ protocol }) => protocol))}`;
  const state = finishedAt === null ? " The run is not finished." : "";
  return (
    `${what}, measured under ${listOf(cells.map(({ scenario }) => scenario))}: ${count}, ${how}, ` +
    `${durationSeconds} s of each in each generation. Started ${moment(startedAt)}.${state}`
  );
}

function moment(timestamp: string): string {
  return timestamp.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

function listOf(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const last = distinct.pop();
  if (last === undefined) return "nothing";
  return distinct.length === 0 ? last : `${distinct.join(", ")} and ${last}`;
}

function tally(cells: readonly Cell[]): ReportModel["verdict"] {
  const limited = cells.filter(isClientLimited).length;
  return (["ok", "invalid", "failed", "unavailable", "pending"] as const)
    .map((status) => ({
      status,
      count: cells.filter((cell) => cell.status === status).length,
      detail: status === "ok" && limited > 0 ? `${limited} client-limited` : null,
    }))
    .filter(({ status, count }) => count > 0 || status === "ok");
}

function scenarioParts({ cells, plan: { baseline } }: Run): ScenarioPart[] {
  return [...Map.groupBy(cells, ({ scenario }) => scenario)].map(([scenario, members]) => {
    const { loop, operations } = members[0] as Cell;
    return { scenario, loop, operations, groups: groupCells(members, baseline) };
  });
}
