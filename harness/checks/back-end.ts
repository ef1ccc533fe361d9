/**
 * Whether a server waits in what it says it waits in. The traced pass is the proof; a server that was not traced is
 * believed by its own counters, and the check says so.
 */
import type { Cell, Check } from "../results/run.ts";
import { recordOf, type CheckDefinition, type Observation } from "./check.ts";
import { SYSTEM_CALL_GROUPS } from "../machine/tracers/system-calls.ts";

/**
 * One sample, by the server's own counters; a cell that is summed up has the proof of its trace in this place.
 *
 * The limit: a server inside Node.js's loop also makes libuv's own look at its descriptors, which is one wait in 33 or
 * fewer for the reactor. A back end that is merely nested in another makes one wait of its own for each of the other's,
 * so it shows at most a half.
 */
export const backEndProved: CheckDefinition<Pick<Observation, "counters">> = {
  id: "back-end-proved",
  title: "back end proved",
  compares: "the share of all waits that were in the system calls which the server promised",
  passes: "at least",
  limit: 0.9,
  consequence: "invalid",
  passesUnobserved: true,
  observe: ({ counters }) => {
    const { waits, events } = counters?.counts ?? {};
    if (counters === null || waits == null || events == null || counters.operations === 0) return null;
    return {
      value: waits,
      limit: null,
      message: `its own counters show ${waits} waits with ${events} events`,
      passed: waits > 0 && events > 0,
    };
  },
};

/** The whole cell; null when the server promises nothing. */
export function proveBackEnd(
  cell: Pick<Cell, "backEnd" | "trace" | "traceReason" | "samples">,
): Check | null {
  const { backEnd, trace } = cell;
  if (backEnd === null) return null;
  const { waitsIn, besides } = backEnd;
  if (trace === null) return believed(cell, waitsIn);
  const promised = callsAmong(trace.calls, waitsIn);
  const others = SYSTEM_CALL_GROUPS.wait.filter((call) => !waitsIn.includes(call) && !besides.includes(call));
  const elsewhere = callsAmong(trace.calls, others);
  const share = promised + elsewhere === 0 ? null : promised / (promised + elsewhere);
  const seen = others.filter((call) => (trace.calls[call] ?? 0) > 0).join(", ");
  return recordOf(backEndProved, {
    value: share,
    // A server that was traced and never waited is not what it says.
    ...(share === null ? { passed: false } : {}),
    message:
      share === null
        ? `${trace.tool} saw no wait at all, neither in ${waitsIn.join(", ")} nor in another multiplexer`
        : `${trace.tool} saw ${(share * 100).toFixed(1)} % of the waits in ${waitsIn.join(", ")}` +
          (seen === "" ? "" : `, the others in ${seen}`),
  });
}

function believed(
  { samples, traceReason }: Pick<Cell, "samples" | "traceReason">,
  waitsIn: readonly string[],
): Check {
  const waits = samples.flatMap(({ counters }) => counters?.counts.waits ?? []);
  const total = waits.reduce((sum, one) => sum + one, 0);
  const why = traceReason === null ? "" : ` (${traceReason})`;
  const word = waits.length === 0 ? "it counts no waits itself" : `its own counters show ${total} waits`;
  return recordOf(backEndProved, {
    value: null,
    passed: waits.length === 0 || total > 0,
    message: `that it waits in ${waitsIn.join(", ")} is not proved by a trace${why}; ${word}`,
  });
}

function callsAmong(calls: Readonly<Record<string, number>>, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (calls[name] ?? 0), 0);
}

/** Adds the proof to the verdict of a cell that is summed up; one that fails makes the cell invalid. */
export function applyProof(cell: Cell): void {
  const proof = proveBackEnd(cell);
  if (proof === null || cell.summary === null) return;
  const { validity } = cell.summary;
  cell.summary.validity = {
    verdict: proof.passed ? validity.verdict : "invalid",
    checks: [...validity.checks.filter(({ id }) => id !== backEndProved.id), proof],
  };
  if (proof.passed || cell.status !== "ok") return;
  cell.status = "invalid";
  cell.reason = `The back end is not what it says: ${proof.message}.`;
}
