/** What every report says, in the order it says it, before any format decides how it looks. */
import type { Loop } from "../contract.ts";
import type { Cell, Run } from "../results/run.ts";
import { type Group, groupCells } from "./groups.ts";
import { type Problem, findProblems } from "./problems.ts";
import { type Fact, describeEnvironment, describePlan, repeatCommand } from "./provenance.ts";
import { titleOf } from "./check-table.ts";
import { type IdleCost, idleCosts } from "./idle-cost/idle-cost.ts";
import { howToRead } from "./how-to-read.ts";
import { type SystemCalls, systemCalls } from "./system-call-table.ts";
import { isClientLimited, serverLabel } from "./labels.ts";

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
    scenarios: scenarioParts(run.cells),
    idleCosts: idleCosts(run.cells),
    systemCalls: systemCalls(run.cells),
    problems: findProblems(run.cells),
    warnings: [...run.warnings, ...exclusions(run.cells)],
    howToRead: howToRead(run),
    environment: describeEnvironment(run.environment),
    plan: describePlan(run),
    command: repeatCommand(run),
  };
}

/** What was measured and left out, so that it is plain that no samples were picked. */
function exclusions(cells: readonly Cell[]): string[] {
  const samples = cells.flatMap((cell) => cell.samples);
  const invalid = samples.filter(({ status }) => status === "invalid");
  if (invalid.length === 0) return [];
  const names = invalid.flatMap(
    ({ validity }) => validity?.checks.filter(({ passed }) => !passed).map(titleOf) ?? [],
  );
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name} ${all.length}`);
  return [
    `${invalid.length} of ${samples.length} samples broke a limit fixed in advance (${counts.join(", ")}) and are left ` +
      `out of every number; run.json has them.`,
  ];
}

/** The verdict in one line: "14 ok (1 client-limited), 1 failed". */
export function verdictLine({ verdict }: ReportModel): string {
  if (verdict.length === 0) return "no cells";
  return verdict
    .map(({ status, count, detail }) => `${count} ${status}${detail === null ? "" : ` (${detail})`}`)
    .join(", ");
}

function describeRun({ cells, plan, startedAt, finishedAt }: Run): string {
  const servers = new Set(cells.map(serverLabel)).size;
  const rounds = `${plan.rounds} ${plan.rounds === 1 ? "round" : "rounds"} of ${plan.durationSeconds} s`;
  const what = `${servers} ${servers === 1 ? "server" : "servers"} over ${listOf(cells.map(({ protocol }) => protocol))}`;
  const state = finishedAt === null ? " The run is not finished." : "";
  return (
    `${what}, measured under ${listOf(cells.map(({ scenario }) => scenario))}: ${rounds} each, every sample in a fresh ` +
    `server process. Started ${startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")}.${state}`
  );
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

function scenarioParts(cells: readonly Cell[]): ScenarioPart[] {
  return [...Map.groupBy(cells, ({ scenario }) => scenario)].map(([scenario, members]) => {
    const { loop, operations } = members[0] as Cell;
    return { scenario, loop, operations, groups: groupCells(members) };
  });
}
