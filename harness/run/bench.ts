/**
 * Carries a run through: every cell once per round, the rounds in a freshly shuffled order each, the result on disk
 * after every sample. A run that was interrupted goes on where it stopped, because what is on disk says what is done.
 */
import { measureFloor } from "../children/kernel-floor.ts";
import { runConformance } from "../conformance/suite.ts";
import type { Cell, Run } from "../results/run.ts";
import { cellStatus, summarise } from "../results/summary.ts";
import { createRandom } from "../statistics/random.ts";
import { StartError } from "../children/server/server.ts";
import { applyProof } from "../checks/back-end.ts";
import type { PlannedCell } from "../plan/cells.ts";
import { measureSample } from "./sample.ts";
import { cellsToTrace, traceCells } from "./trace-cells.ts";

export interface Progress {
  /** Samples and traced passes, done and planned, failed cells' remaining ones no longer counted. */
  done: number;
  total: number;
  cell: Cell;
  /** Null in the traced pass, which follows the rounds. */
  round: number | null;
  /** Operations of the running sample; null between samples. */
  operations: number | null;
}

export interface BenchTools {
  signal: AbortSignal;
  /** Puts the run on disk; called after every sample. */
  save(run: Run): void;
  onProgress(progress: Progress): void;
}

/** Measures what `run` lacks. Throws the signal's reason when aborted, with every finished sample saved. */
export async function measureRun(
  run: Run,
  planned: readonly PlannedCell[],
  tools: BenchTools,
): Promise<void> {
  const cells = new Map(planned.map((one) => [one.cell.id, one]));
  const measure = async (step: Step): Promise<void> => {
    const plannedCell = cells.get(step.id);
    if (!plannedCell || isSettled(plannedCell.cell)) return;
    await measureFloors(run, step.round, tools.signal);
    await measureStep(run, plannedCell, step, tools);
    if (plannedCell.cell.samples.some((sample) => sample.status === "failed")) settle(plannedCell.cell, run);
    tools.save(run);
  };
  for (const step of remainingSteps(run)) await measure(step);
  for (let step = nextRetake(run); step !== null; step = nextRetake(run)) await measure(step);
  await trace(run, planned, tools);
  for (const cell of run.cells) settle(cell, run);
  run.finishedAt = new Date().toISOString();
  tools.save(run);
}

async function trace(run: Run, planned: readonly PlannedCell[], tools: BenchTools): Promise<void> {
  const { signal, save } = tools;
  const total = samplesTaken(run) + cellsToTrace(run).length;
  const onPass = (cell: Cell): void => {
    tools.onProgress({ done: total - cellsToTrace(run).length, total, cell, round: null, operations: null });
  };
  await traceCells(run, planned, { signal, save, onPass });
}

function samplesTaken(run: Run): number {
  return run.cells.reduce((sum, { samples }) => sum + samples.length, 0);
}

export interface Step {
  id: string;
  round: number;
  attempt: number;
}

/** Steps not on disk yet, in the order the seed gives; the same order every time, so that resuming keeps it. */
export function remainingSteps(run: Run): Step[] {
  const random = createRandom(run.plan.seed);
  const rounds = Array.from({ length: run.plan.rounds }, (_value, round) =>
    random.shuffle(run.cells).map((cell) => ({ id: cell.id, round, attempt: 0, cell })),
  );
  return rounds
    .flat()
    .filter(({ cell, round }) => !isSettled(cell) && !cell.samples.some((sample) => sample.round === round))
    .map(({ id, round, attempt }) => ({ id, round, attempt }));
}

/**
 * An invalid sample to measure once more, or null when there is none or the plan's retakes are used up. The limits that
 * made it invalid were fixed in advance and know nothing of its speed, so taking it again favours no server.
 */
export function nextRetake(run: Run): Step | null {
  const taken = run.cells.flatMap(({ samples }) => samples).filter(({ attempt }) => attempt > 0).length;
  if (taken >= run.plan.retakes) return null;
  const [next] = run.cells
    .filter((cell) => !isSettled(cell))
    .flatMap((cell) => missingRounds(cell, run.plan.rounds).map((missing) => ({ id: cell.id, ...missing })))
    .toSorted((a, b) => a.attempt - b.attempt);
  return next ?? null;
}

/** Rounds without a sample that counts, each with the number of attempts so far. */
function missingRounds(cell: Cell, rounds: number): { round: number; attempt: number }[] {
  return Array.from({ length: rounds }, (_value, round) => {
    const attempts = cell.samples.filter((sample) => sample.round === round);
    return { round, attempt: attempts.length, counts: attempts.some(({ status }) => status === "ok") };
  })
    .filter(({ counts }) => !counts)
    .map(({ round, attempt }) => ({ round, attempt }));
}

/** Measures the kernel floor of each payload that is echoed, unless this round has it. */
async function measureFloors(run: Run, round: number, signal: AbortSignal): Promise<void> {
  const payloads = new Set(run.cells.flatMap((cell) => echoedBytes(cell) ?? []));
  for (const payloadBytes of payloads) {
    if (run.floor.some((one) => one.round === round && one.payloadBytes === payloadBytes)) continue;
    run.floor.push(await measureFloor({ round, payloadBytes, cpus: run.plan.serverCpus, signal }));
  }
}

/** Null where an operation is more than an echo, so that the floor would be no part of it. */
function echoedBytes({ loop, parameters }: Cell): number | null {
  return loop === "churn" || typeof parameters.payloadBytes !== "number" ? null : parameters.payloadBytes;
}

async function measureStep(
  run: Run,
  planned: PlannedCell,
  { round, attempt }: Step,
  tools: BenchTools,
): Promise<void> {
  const { cell, scenario, source } = planned;
  const { signal } = tools;
  const done = samplesTaken(run);
  const total = done + remainingSteps(run).length;
  const report = (operations: number | null): void => {
    tools.onProgress({ done, total, cell, round, operations });
  };
  signal.throwIfAborted();
  report(null);
  if (cell.conformance === null && !(await conforms(run, planned, tools))) return;
  const seed = run.plan.seed + round;
  const { sample, serverStderr } = await measureSample({
    cell,
    scenario,
    source,
    plan: run.plan,
    round,
    attempt,
    seed,
    signal,
    onProgress: report,
  });
  cell.samples.push(sample);
  if (serverStderr.length > 0) cell.serverStderr = serverStderr;
}

/** Runs the short conformance suite on a server of its own; a server that fails is marked as failed and never timed. */
async function conforms(run: Run, { cell, source }: PlannedCell, { signal }: BenchTools): Promise<boolean> {
  const known = run.cells.find((other) => other.conformance !== null && isSameServer(other, cell));
  if (known) {
    cell.conformance = known.conformance;
    // A server that conforms and then fails under one load may still carry another.
    const conformed = cell.conformance?.every((one) => one.passed) ?? false;
    if (!conformed) markFailed(cell, known.reason ?? "", known.serverStderr);
    return conformed;
  }
  try {
    const { serverCpus, shards, port } = run.plan;
    const server = await source({ protocol: cell.protocol, cpus: serverCpus, shards, port });
    signal.addEventListener("abort", server.stop, { once: true });
    try {
      const { protocol } = cell;
      const target = { host: server.host, port: server.port, protocol };
      // A server that answers nothing at all would let every further case wait until its time is up.
      const probe = await runConformance(target, { form: "probe" });
      const answers = probe.every(({ passed }) => passed);
      const cases = answers ? await runConformance(target, { form: "short" }) : probe;
      signal.throwIfAborted();
      cell.conformance = cases;
      const failed = cases.filter((one) => !one.passed);
      const reasons = failed.map((one) => `${one.name}: ${one.reason}`).join("; ");
      if (failed.length > 0) markFailed(cell, `It does not echo correctly. ${reasons}`, server.stderrTail());
    } finally {
      signal.removeEventListener("abort", server.stop);
      await server.stop();
    }
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    markFailed(
      cell,
      `The server did not start: ${reason}`,
      error instanceof StartError ? error.stderrTail : [],
    );
  }
  return cell.status !== "failed";
}

function isSameServer(a: Cell, b: Cell): boolean {
  return a.framework === b.framework && a.variant === b.variant && a.protocol === b.protocol;
}

function markFailed(cell: Cell, reason: string, stderr: string[]): void {
  cell.status = "failed";
  cell.reason = reason;
  cell.serverStderr = stderr;
}

function isSettled(cell: Cell): boolean {
  return cell.status !== "pending";
}

/** Sums the cell up from the samples it has. */
function settle(cell: Cell, { plan, floor }: Run): void {
  if (isSettled(cell)) return;
  const { status, reason } = cellStatus(cell.samples, plan.rounds);
  cell.status = status;
  cell.reason = reason;
  const payloadBytes = echoedBytes(cell);
  cell.summary = summarise(cell.samples, cell.operations, {
    floor: floor.filter((one) => one.payloadBytes === payloadBytes),
    trace: cell.trace,
  });
  applyProof(cell);
}
