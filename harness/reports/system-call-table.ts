/**
 * What an operation costs in system calls, seen in the traced pass: how many, and what for. Unlike time it hardly moves
 * with the machine, so a difference here is a difference between servers.
 */
import { MICRO } from "../results/cell-id.ts";
import type { Cell, Trace } from "../results/run.ts";
import { SYSTEM_CALL_GROUPS } from "../machine/tracers/system-calls.ts";
import type { Table, TableCell } from "./tables.ts";
import { inUnit, NOT_OBSERVED, percentage } from "../units.ts";
import { settingsText, workloadText } from "./labels.ts";
import { serverName } from "../results/server-name.ts";

export interface SystemCalls {
  /** One for each load: servers that did the same beside each other. */
  parts: { title: string; table: Table }[];
  /** Why cells that have numbers have no trace, each reason once with the number of cells. */
  missing: string[];
}

export const SYSTEM_CALLS_TITLE = "System calls per operation";
export const SYSTEM_CALLS_READING =
  "Counted in a pass of its own, which is never timed; a call that serves many connections counts once.";

export function systemCalls(cells: readonly Cell[]): SystemCalls {
  const traced = cells.filter((cell): cell is TracedCell => cell.trace !== null && cell.status === "ok");
  const parts = [...Map.groupBy(traced, titleOf)].map(([title, members]) => ({
    title,
    table: table(members),
  }));
  // Nobody expects a trace of what is no server.
  const reasons = cells.flatMap(({ trace, traceReason, scenario }) =>
    trace === null && traceReason !== null && scenario !== MICRO ? [traceReason] : [],
  );
  const missing = [...Map.groupBy(reasons, (reason) => reason)].map(
    ([reason, all]) => `${all.length} ${all.length === 1 ? "cell was" : "cells were"} not traced. ${reason}`,
  );
  return { parts, missing };
}

type TracedCell = Cell & { trace: Trace };

function titleOf({ scenario, protocol, parameters }: Cell): string {
  const settings = settingsText(parameters);
  return `${workloadText({ scenario, protocol })}${settings === "" ? "" : `, ${settings}`}`;
}

function table(cells: readonly TracedCell[]): Table {
  const unit = "calls/op";
  const numbers = ["total", "wait", "read", "write", "others"];
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      ...numbers.map((title) => ({ title, unit, align: "right" as const })),
      { title: "uncertain by", unit: null, align: "right" },
      { title: "wait calls", unit: null, align: "left" },
    ],
    rows: cells.toSorted((a, b) => totalOf(a.trace) - totalOf(b.trace)).map(row),
  };
}

function row(cell: TracedCell): TableCell[] {
  const { calls, operations, operationsError } = cell.trace;
  const waits = waitCalls(cell);
  const groups = [waits, SYSTEM_CALL_GROUPS.read, SYSTEM_CALL_GROUPS.write];
  const grouped = new Set<string>(groups.flat());
  const others = Object.keys(calls).filter((name) => !grouped.has(name));
  const counts = [...groups, others].map((names) => {
    const seen = names.flatMap((name) => calls[name] ?? []);
    return seen.length === 0 ? null : sum(seen);
  });
  return [
    plain(serverName(cell)),
    ...[totalOf(cell.trace), ...counts].map((count) => plain(inUnit(count, PER_OPERATION))),
    plain(percentage(operationsError / operations)),
    plain(waits.join(", ") || NOT_OBSERVED),
  ];
}

const PER_OPERATION = { name: "", size: 1 };

/** The calls it waited in, most frequent first, without those it is known to make for another purpose. */
function waitCalls({ trace: { calls }, backEnd }: TracedCell): string[] {
  return SYSTEM_CALL_GROUPS.wait
    .filter((name) => (calls[name] ?? 0) > 0 && !backEnd?.besides.includes(name))
    .toSorted((a, b) => (calls[b] ?? 0) - (calls[a] ?? 0));
}

function totalOf({ calls }: Trace): number {
  return sum(Object.values(calls));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function plain(text: string): TableCell {
  return { text, detail: null };
}
