/** The cells that give no number, or only a bound, with the reason; said once when several cells share it. */
import type { Cell } from "../results/run.ts";
import { isClientLimited, isNotSteady, settingsText, workloadText } from "./labels.ts";
import { serverName } from "../results/server-name.ts";

const SHOWN_STDERR_LINES = 10;

export interface Problem {
  server: string;
  status: Exclude<Cell["status"], "ok"> | "client-limited" | "not steady";
  /** The cells it is about: "echo over tcp". */
  where: string[];
  reason: string;
  /** The server's last lines on stderr. */
  stderr: string[];
}

/** Worst first. */
export function findProblems(cells: readonly Cell[]): Problem[] {
  const settingsOf = Map.groupBy(cells, ({ scenario }) => scenario);
  const problems = new Map<string, Problem>();
  for (const cell of cells) {
    const status = problemStatus(cell);
    if (status === null) continue;
    const variety = new Set(settingsOf.get(cell.scenario)?.map((one) => settingsText(one.parameters)));
    const settings = variety.size > 1 ? ` (${settingsText(cell.parameters)})` : "";
    const where = `${workloadText(cell)}${settings}`;
    const problem: Problem = {
      server: serverName(cell),
      status,
      where: [where],
      reason: reasonOf(cell, status),
      stderr: cell.serverStderr.slice(-SHOWN_STDERR_LINES),
    };
    const key = JSON.stringify([problem.server, status, problem.reason, problem.stderr]);
    const same = problems.get(key);
    if (same === undefined) problems.set(key, problem);
    else same.where.push(where);
  }
  const order: Problem["status"][] = [
    "failed",
    "invalid",
    "not steady",
    "client-limited",
    "unavailable",
    "pending",
  ];
  return [...problems.values()].toSorted(
    (left, right) => order.indexOf(left.status) - order.indexOf(right.status),
  );
}

function problemStatus(cell: Cell): Problem["status"] | null {
  if (isClientLimited(cell)) return "client-limited";
  if (isNotSteady(cell)) return "not steady";
  return cell.status === "ok" ? null : cell.status;
}

function reasonOf(cell: Cell, status: Problem["status"]): string {
  const failed = cell.summary?.validity.checks.filter(({ passed }) => !passed) ?? [];
  const why = failed.map(({ message }) => message).join("; ");
  if (status === "not steady") return `The server was still becoming faster${why === "" ? "" : `: ${why}`}.`;
  if (status === "client-limited") {
    return `The load generator was the bottleneck, so the throughput is a lower bound${why === "" ? "" : `: ${why}`}.`;
  }
  if (cell.reason !== null) return cell.reason;
  return status === "pending" ? "It is not measured to the end yet." : "No reason was recorded.";
}
