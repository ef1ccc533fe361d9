/**
 * Carries a run through: generation after generation, each group of servers at once, the result on disk after every group.
 * A run that was interrupted goes on where it stopped, because what is on disk says what is done; only the generation in
 * flight is lost.
 */
import { measureFloor } from "../children/kernel-floor.ts";
import { StartError } from "../children/server/server.ts";
import { applyProof } from "../checks/back-end.ts";
import { runConformance } from "../conformance/suite.ts";
import type { PlannedCell } from "../plan/cells.ts";
import type { Cell, Plan, Run } from "../results/run.ts";
import { serverName } from "../results/server-name.ts";
import { cellStatus, summarise } from "../results/summary.ts";
import { isSameServer, membersOf } from "./alive.ts";
import { hasSample, measureGeneration, type StartGenerator } from "./generation.ts";
import { engineRoundsLacking, measureOtherEngines } from "./other-engines.ts";
import { cellsToTrace, traceCells } from "./trace-cells.ts";

export interface Progress {
  /** Samples and traced passes, done and planned, failed cells' remaining ones no longer counted. */
  done: number;
  total: number;
  cell: Cell;
  /** Null in what follows the generations: the traced pass, and other load generators. */
  generation: number | null;
  /** What is being done, in a few words. */
  phase: string;
}

export interface BenchTools {
  signal: AbortSignal;
  /** Puts the run on disk; called after every group of a generation. */
  save(run: Run): void;
  onProgress(progress: Progress): void;
  /** What loads the servers; a generator on this machine unless given. */
  startGenerator?: StartGenerator;
}

/** Measures what `run` lacks. Throws the signal's reason when aborted, with every workload that was finished saved. */
export async function measureRun(
  run: Run,
  planned: readonly PlannedCell[],
  tools: BenchTools,
): Promise<void> {
  for (let generation = 0; generation < run.plan.generations; generation++)
    for (const group of groupsOf(planned, run.plan)) await measureGroup(run, group, generation, tools);
  await trace(run, planned, tools);
  for (const cell of run.cells) settle(cell, run);
  await underOtherEngines(run, planned, tools);
  run.finishedAt = new Date().toISOString();
  tools.save(run);
}

/** Cells whose servers can be alive at once, with why a server that is not is alone. */
interface Group {
  cells: PlannedCell[];
  alone: string | null;
}

/** A group is what one protocol's servers are measured in; a port can have one server at a time. */
function groupsOf(planned: readonly PlannedCell[], { isolated, port }: Plan): Group[] {
  const alone = isolated
    ? "Every server was measured alone (--isolated)."
    : port !== 0
      ? "Every server was measured alone, because all of them use one port (--port)."
      : null;
  const key = ({ cell }: PlannedCell): string =>
    alone === null ? cell.protocol : JSON.stringify([cell.protocol, serverName(cell)]);
  const pending = planned.filter(({ cell }) => cell.status !== "unavailable");
  return [...Map.groupBy(pending, key).values()].map((cells) => ({ cells, alone }));
}

async function measureGroup(run: Run, group: Group, generation: number, tools: BenchTools): Promise<void> {
  const { signal } = tools;
  const lacking = group.cells.filter(({ cell }) => !isSettled(cell) && !hasSample(cell, generation));
  if (lacking.length === 0) return;
  signal.throwIfAborted();
  const report = (phase: string, cell: Cell): void => {
    const done = samplesTaken(run);
    const total = done + samplesLacking(run) + cellsToTrace(run).length;
    tools.onProgress({ done, total, cell, generation, phase });
  };
  const conforming: PlannedCell[] = [];
  for (const planned of lacking) {
    if (planned.cell.conformance === null) report("checking conformance", planned.cell);
    if (planned.cell.conformance !== null || (await conforms(run, planned, tools))) conforming.push(planned);
  }
  await measureFloors(run, generation, signal);
  const measure = (cells: PlannedCell[], alone: string | null): ReturnType<typeof measureGeneration> =>
    measureGeneration({
      ...{ plan: run.plan, cells, generation, alone, signal, onPhase: report },
      ...(tools.startGenerator === undefined ? {} : { startGenerator: tools.startGenerator }),
    });
  try {
    if (group.alone !== null) await measure(conforming, group.alone);
    else await measureTogether(conforming, measure);
    for (const { cell } of lacking)
      if (cell.samples.some(({ status }) => status === "failed")) settle(cell, run);
  } finally {
    // Whole workloads that were measured before an interruption count.
    tools.save(run);
  }
}

/** Servers that do not keep quiet, or did not in an earlier generation, come after the others, one by one. */
async function measureTogether(
  cells: readonly PlannedCell[],
  measure: (cells: PlannedCell[], alone: string | null) => ReturnType<typeof measureGeneration>,
): Promise<void> {
  const restless = membersOf(cells.filter(({ cell }) => aloneBefore(cell) !== null));
  const { apart } = await measure(
    cells.filter(({ cell }) => aloneBefore(cell) === null),
    null,
  );
  for (const { member, reason } of apart) await measure(member.cells, reason);
  for (const { cells: own } of restless) {
    const [first] = own;
    if (first !== undefined) await measure(own, aloneBefore(first.cell));
  }
}

function aloneBefore({ samples }: Cell): string | null {
  return samples.find(({ measuredAlone }) => measuredAlone !== null)?.measuredAlone ?? null;
}

async function trace(run: Run, planned: readonly PlannedCell[], tools: BenchTools): Promise<void> {
  const { signal, save } = tools;
  const total = samplesTaken(run) + cellsToTrace(run).length;
  const onPass = (cell: Cell): void => {
    const done = total - cellsToTrace(run).length;
    tools.onProgress({ done, total, cell, generation: null, phase: "tracing system calls" });
  };
  await traceCells(run, planned, { signal, save, onPass });
}

async function underOtherEngines(
  run: Run,
  planned: readonly PlannedCell[],
  tools: BenchTools,
): Promise<void> {
  if (run.plan.engines.length === 0) return;
  const total = samplesTaken(run) + engineRoundsLacking(run);
  const onRound = (cell: Cell): void => {
    const done = total - engineRoundsLacking(run);
    tools.onProgress({ done, total, cell, generation: null, phase: "under other load generators" });
  };
  await measureOtherEngines(run, planned, { signal: tools.signal, save: tools.save, onRound });
}

function samplesTaken(run: Run): number {
  return run.cells.reduce((sum, { samples }) => sum + samples.length, 0);
}

function samplesLacking({ cells, plan }: Run): number {
  const lacking = cells.filter((cell) => !isSettled(cell));
  return lacking.reduce((sum, { samples }) => sum + Math.max(0, plan.generations - samples.length), 0);
}

/** Measures the kernel floor of each payload that is echoed, unless this generation has it. */
async function measureFloors(run: Run, generation: number, signal: AbortSignal): Promise<void> {
  const payloads = new Set(run.cells.flatMap((cell) => echoedBytes(cell) ?? []));
  for (const payloadBytes of payloads) {
    if (run.floor.some((one) => one.generation === generation && one.payloadBytes === payloadBytes)) continue;
    run.floor.push(await measureFloor({ generation, payloadBytes, cpus: run.plan.serverCpus, signal }));
  }
}

/**
 * Null where an operation need not cost what the floor is, which is one read and one write on a stream: it is more than an echo, or
 * several share a call, or it is a datagram.
 */
function echoedBytes({ loop, protocol, parameters: { payloadBytes, pipeline = 1 } }: Cell): number | null {
  const isFloorOf = loop !== "churn" && ["tcp", "http", "ws"].includes(protocol) && pipeline === 1;
  return isFloorOf && typeof payloadBytes === "number" ? payloadBytes : null;
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
  const { status, reason } = cellStatus(cell.samples, plan.generations);
  cell.status = status;
  cell.reason = reason;
  const payloadBytes = echoedBytes(cell);
  cell.summary = summarise(cell.samples, cell.operations, {
    floor: floor.filter((one) => one.payloadBytes === payloadBytes),
    trace: cell.trace,
  });
  applyProof(cell);
}
