/**
 * System calls for each operation, base against head: the one comparison that needs no statistics, for with a single
 * connection a server does the same for each request, and the kernel counts it. The base is counted twice, so that calls
 * which a timer or a collection of garbage makes now and then are not taken for the head's.
 */
import { allowedCpus } from "../machine/cpu-list.ts";
import { findTracer } from "../machine/tracers/find-tracer.ts";
import { UNNAMED } from "../machine/tracers/system-calls.ts";
import type { Tracer } from "../machine/tracers/tracer.ts";
import type { PlannedCell } from "../plan/cells.ts";
import type { GateRecord, GateSystemCalls } from "../results/gate.ts";
import type { Trace } from "../results/run.ts";
import { tracePass } from "../run/traced-pass.ts";
import { unitKey, type Unit } from "./arms.ts";
import type { BlockTools } from "./block.ts";

/** Calls for each operation below which a difference is the odd timer's: an added call is 1, or 0.5 in every other. */
const LEAST_DIFFERENCE = 0.1;

type Record = Pick<GateRecord, "systemCalls" | "systemCallsReason">;

/** Fills in what was counted, or why nothing was. Throws only the signal's reason. */
export async function compareSystemCalls(
  record: Record,
  units: readonly Unit[],
  tools: BlockTools,
): Promise<void> {
  const { tracer, ...none } = await findTracer(allowedCpus());
  if (tracer === null) {
    record.systemCallsReason = "reason" in none ? none.reason : "No tracer works here.";
    return;
  }
  for (const unit of units)
    for (const [index, base] of (unit.arms.get("base") ?? []).entries()) {
      const head = unit.arms.get("head")?.[index];
      if (head === undefined) continue;
      if (base.cell.loop === "open") {
        record.systemCallsReason ??= `${unitKey(unit)}, ${base.cell.scenario}: how many requests of an open loop share a turn of the event loop is a matter of timing.`;
        continue;
      }
      tools.onPhase(`counting the system calls of ${unitKey(unit)}`);
      const traces: Trace[] = [];
      for (const cell of [base, head, base]) {
        const trace = await countOf(cell, tracer, tools);
        if (typeof trace === "string") record.systemCallsReason ??= `${unitKey(unit)}: ${trace}`;
        else traces.push(trace);
      }
      const [before, changed, again] = traces;
      if (before === undefined || changed === undefined || again === undefined) continue;
      record.systemCalls.push({
        ...{ server: unit.server, protocol: unit.protocol, scenario: base.cell.scenario },
        ...differenceOf(before, changed, again),
      });
    }
}

async function countOf(
  { cell, scenario, source }: PlannedCell,
  tracer: Tracer,
  { plan, signal }: BlockTools,
): Promise<Trace | string> {
  // Several connections share a turn of the event loop, and how many do is a matter of timing.
  const alone = { ...cell, parameters: { ...cell.parameters, connections: 1 } };
  const { trace, reason } = await tracePass({ cell: alone, scenario, source, plan, tracer, signal });
  return trace ?? reason;
}

/** What the head surely does more and less often, by more than the base differs from itself. */
export function differenceOf(
  base: Counted,
  head: Counted,
  again: Counted,
): Pick<GateSystemCalls, "base" | "head" | "more" | "fewer"> {
  const more: GateSystemCalls["more"] = {};
  const fewer: GateSystemCalls["fewer"] = {};
  for (const name of new Set([base, head, again].flatMap(({ calls }) => Object.keys(calls)))) {
    const [before, after, same] = [base, head, again].map(({ calls }) => calls[name] ?? 0) as [
      number,
      number,
      number,
    ];
    const doubt = LEAST_DIFFERENCE + Math.abs(before - same) + before * errorOf(base) + after * errorOf(head);
    if (after > Math.max(before, same) + doubt) more[name] = after - Math.max(before, same);
    if (after < Math.min(before, same) - doubt) fewer[name] = Math.min(before, same) - after;
  }
  return { base: base.calls, head: head.calls, more, fewer };
}

type Counted = Pick<Trace, "calls" | "operations" | "operationsError">;

/** How far the number of operations in the traced window may be off, as a share. */
function errorOf({ operations, operationsError }: Counted): number {
  return operationsError / operations;
}

/** What the heads do more often, in a sentence; null when there is nothing. */
export function moreCallsText({ systemCalls }: Pick<GateRecord, "systemCalls">): string | null {
  const found = systemCalls.flatMap(({ server, protocol, scenario, more }) =>
    Object.entries(more).map(
      ([name, count]) =>
        `${count.toFixed(2)} more of ${callText(name)} in ${server}, ${scenario} over ${protocol}`,
    ),
  );
  return found.length === 0
    ? null
    : `The head makes more system calls for each operation: ${found.join("; ")}.`;
}

/** Some tracers count only what servers usually call by its name. */
export function callText(name: string): string {
  return name === UNNAMED ? "other calls" : name;
}
