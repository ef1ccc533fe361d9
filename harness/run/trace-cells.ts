/** Traces the cells of a run that its plan asks for, each once, after all samples; says why where it does not. */
import { objectiveOf } from "../results/objective.ts";
import type { Cell, Run } from "../results/run.ts";
import { findTracer } from "../machine/tracers/find-tracer.ts";
import type { TracerChoice } from "../machine/tracers/tracer.ts";
import { allowedCpus } from "../machine/cpu-list.ts";
import type { PlannedCell } from "../plan/cells.ts";
import { tracePass } from "./traced-pass.ts";

export interface TraceTools {
  signal: AbortSignal;
  save(run: Run): void;
  /** Called before each pass. */
  onPass(cell: Cell): void;
}

/** Cells that have samples and are neither traced nor without a trace for a reason. */
export function cellsToTrace({ cells, plan }: Run): Cell[] {
  return cells.filter((cell) => isUntried(cell) && reasonNotToTrace(cell, plan.trace) === null);
}

/** Throws the signal's reason when aborted; what was traced by then is saved. */
export async function traceCells(
  run: Run,
  planned: readonly PlannedCell[],
  { signal, save, onPass }: TraceTools,
): Promise<void> {
  for (const cell of run.cells.filter(isUntried)) cell.traceReason = reasonNotToTrace(cell, run.plan.trace);
  const chosen = new Set(cellsToTrace(run));
  if (chosen.size === 0) return;
  // The tracer may use any CPU: pinned to the generator's, it could starve behind one that spins.
  const choice: TracerChoice = await findTracer(allowedCpus());
  for (const one of planned.filter(({ cell }) => chosen.has(cell))) {
    const { cell } = one;
    signal.throwIfAborted();
    if (choice.tracer === null) {
      cell.traceReason = choice.reason;
      continue;
    }
    onPass(cell);
    const pass = await tracePass({ ...one, plan: run.plan, tracer: choice.tracer, signal });
    cell.trace = pass.trace;
    cell.traceReason = pass.reason;
    save(run);
  }
}

function isUntried({ status, samples, trace, traceReason }: Cell): boolean {
  return status === "pending" && samples.length > 0 && trace === null && traceReason === null;
}

function reasonNotToTrace({ loop, parameters }: Cell, scope: Run["plan"]["trace"]): string | null {
  if (objectiveOf(parameters) !== null)
    return "A search for the capacity is many loads, and system calls are counted over one; trace it at --rates.";
  if (scope === "all" || (scope === "closed" && loop === "closed")) return null;
  return scope === "none"
    ? "The bench was asked for without tracing (--trace none)."
    : "A bench of this length traces closed loops only; --trace all traces every cell.";
}
