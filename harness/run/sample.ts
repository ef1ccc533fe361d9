/** Turns what a generation saw of one cell into a sample, with its verdict. */
import { setTimeout as delay } from "node:timers/promises";
import type { Counters, Loop } from "../contract.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import type { Observation } from "../checks/check.ts";
import { judge, reasonOf } from "../checks/judge.ts";
import { relativeCosts, type Cycle, type Stretch } from "../rotation/cycles.ts";
import { averageMachine } from "../rotation/machine-watch.ts";
import { loadOf, stallsOf, type Slice } from "../rotation/slice.ts";
import type { CountersSeen, CycleSeen, LoadResult, MachineSeen, Sample, WarmUp } from "../results/run.ts";
import { sumObserved } from "../statistics/observed.ts";

/**
 * The kernel resets a process's connections before its parent hears of its end, so after a failed request the end may
 * still be on its way.
 */
const ENDING_MS = 300;

/** What all samples of a generation have in common. */
export interface Origin {
  generation: number;
  seed: number;
  startedAt: string;
  measuredAlone: string | null;
}

export interface Rotated {
  origin: Origin;
  loop: Loop;
  warmUp: WarmUp;
  /** The server's, in the cycles. */
  id: string;
  cycles: readonly Cycle[];
  /** Cycles that were to count. */
  planned: number;
  leftOut: readonly string[];
  stretches: readonly Stretch[];
  connectionsPerShard: number[] | null;
  /** Whether processes of the server came or went meanwhile. */
  hasOtherProcesses: boolean;
  /** What the kernel took for all idle connections, bytes; undefined without any. */
  idleKernelBytes?: number | null | undefined;
  serverCpuCount: number;
}

/** The sample of an arm that ended well. */
export function rotatedSample(rotated: Rotated): Sample {
  const { origin, loop, warmUp, id, cycles, planned, leftOut, stretches, connectionsPerShard } = rotated;
  const seen = cycles.flatMap((cycle) => cycle.get(id) ?? []);
  const slices = rotated.hasOtherProcesses ? seen.map(withoutCost) : seen;
  const cyclesLeftOut = countsOf(leftOut);
  // Seen once in a generation, whatever became of its cycles.
  const seenOnce = {
    connectionsPerShard,
    ...(rotated.idleKernelBytes === undefined ? {} : { idleKernelBytes: rotated.idleKernelBytes }),
  };
  // What is left of a generation that the machine spoiled most of is no fair part of it.
  if (slices.length * 2 < planned) {
    const reasons = Object.keys(cyclesLeftOut).join("; ");
    return {
      ...emptySample(origin),
      status: "invalid",
      reason: `The machine spoiled all but ${slices.length} of ${planned} cycles: ${reasons}.`,
      ...seenOnce,
      warmUp,
      cycles: slices.map(cycleOf),
      cyclesLeftOut,
    };
  }
  const load = loadOf(slices);
  const machine = machineOf(slices, stretches);
  const counters = countersOf(slices);
  const observation = {
    ...{ loop, counters, machine },
    serverCpuCount: rotated.serverCpuCount,
    steadiness: { warmUp, costs: relativeCosts(cycles, id) },
  };
  const failure = load.operations === 0 ? "No operation was completed in the measured time." : null;
  return {
    ...judgedSample(origin, load, observation, failure),
    ...seenOf(slices),
    ...seenOnce,
    warmUp,
    cycles: slices.map(cycleOf),
    cyclesLeftOut,
    stalls: stallsOf(slices),
  };
}

/** The sample of a load that was measured to its end; `failure` says why it is worth nothing all the same. */
export function judgedSample(
  origin: Origin,
  load: LoadResult,
  observation: Omit<Observation, "load">,
  failure: string | null,
): Sample {
  const validity = judge({ ...observation, load });
  const status = failure !== null ? "failed" : validity.verdict === "invalid" ? "invalid" : "ok";
  return {
    ...emptySample(origin),
    status,
    reason: failure ?? (status === "ok" ? null : reasonOf(validity)),
    load,
    ...costsOf(load),
    counters: observation.counters,
    machine: observation.machine,
    validity,
  };
}

/** A sample that says why there is no number. */
export function failedSample(origin: Origin, error: unknown): Sample {
  return { ...emptySample(origin), reason: error instanceof Error ? error.message : String(error) };
}

/** Why a load says nothing about the server's speed; null when it does. */
export async function failureOf(
  { accounting, operations }: Pick<LoadResult, "accounting" | "operations">,
  server: Pick<ServerUnderTest, "ended">,
): Promise<string | null> {
  const errors = Object.entries(accounting.errors).filter(([, count]) => count > 0);
  const ended = await endOf(server, errors.length > 0 ? ENDING_MS : 0);
  const counts = errors.map(([name, count]) => `${count} ${name}`).join(", ");
  const first = accounting.firstError === null ? "" : `; first: ${accounting.firstError}`;
  if (ended !== null)
    return `The server ${ended} while it was measured${counts === "" ? "" : ` (${counts}${first})`}.`;
  if (errors.length > 0) return `Of ${accounting.sent} requests failed: ${counts}${first}.`;
  return operations === 0 ? "No operation was completed in the measured time." : null;
}

/** What went wrong, in words: the end of the server explains whatever followed from it. */
export async function explained(error: unknown, server: Pick<ServerUnderTest, "ended">): Promise<string> {
  const ended = await endOf(server, ENDING_MS);
  const message = error instanceof Error ? error.message : String(error);
  return ended === null ? message : `The server ${ended} while it was measured (${message}).`;
}

/** How the server has ended, or ends within this time; null while it runs. */
async function endOf({ ended }: Pick<ServerUnderTest, "ended">, withinMs: number): Promise<string | null> {
  if (withinMs === 0) return Promise.race([ended, Promise.resolve(null)]);
  const limit = new AbortController();
  try {
    return await Promise.race([ended, delay(withinMs, null, { signal: limit.signal })]);
  } finally {
    limit.abort();
  }
}

/** CPU time per operation of both sides. */
function costsOf(load: LoadResult): Pick<Sample, "serverCpuNsPerOp" | "clientCpuNsPerOp"> {
  const perOperation = (value: number | null): number | null =>
    value === null || load.operations === 0 ? null : value / load.operations;
  return {
    serverCpuNsPerOp: perOperation(load.serverCpuNs),
    clientCpuNsPerOp: perOperation(load.clientCpuNs),
  };
}

function emptySample({ generation, seed, startedAt, measuredAlone }: Origin): Sample {
  return {
    generation,
    seed,
    startedAt,
    measuredAlone,
    status: "failed",
    reason: null,
    load: null,
    serverCpuNsPerOp: null,
    clientCpuNsPerOp: null,
    serverUserShare: null,
    serverContextSwitchesPerOp: null,
    serverRssBytes: null,
    counters: null,
    connectionsPerShard: null,
    machine: null,
    validity: null,
    warmUp: null,
    cycles: [],
    cyclesLeftOut: {},
    stalls: [],
  };
}

/** What the processes that were looked at cost is only a part where others came or went. */
function withoutCost(slice: Slice): Slice {
  return { ...slice, load: { ...slice.load, serverCpuNs: null } };
}

/** A cycle has the slices of other servers too, so what a listening socket refused is taken from the server's own. */
function machineOf(slices: readonly Slice[], stretches: readonly Stretch[]): MachineSeen | null {
  const machine = averageMachine(stretches);
  if (machine === null) return null;
  return {
    ...machine,
    listenOverflows: sumObserved(slices.map(({ seen }) => seen.refusals.listenOverflows)),
    listenDrops: sumObserved(slices.map(({ seen }) => seen.refusals.listenDrops)),
  };
}

function cycleOf({ load: { windowSeconds, operations, serverCpuNs } }: Slice): CycleSeen {
  return { windowSeconds, operations, serverCpuNs };
}

/** What the kernel counts around each slice belongs to all requests of the slice, those before its window too. */
function seenOf(
  slices: readonly Slice[],
): Pick<Sample, "serverUserShare" | "serverContextSwitchesPerOp" | "serverRssBytes"> {
  const answered = answeredIn(slices);
  const user = sumObserved(slices.map(({ seen }) => seen.userSeconds));
  const system = sumObserved(slices.map(({ seen }) => seen.systemSeconds));
  const switches = sumObserved(slices.map(({ seen }) => seen.contextSwitches));
  return {
    serverUserShare: user === null || system === null || user + system === 0 ? null : user / (user + system),
    serverContextSwitchesPerOp: switches === null || answered === 0 ? null : switches / answered,
    serverRssBytes: slices.at(-1)?.seen.residentBytes ?? null,
  };
}

function countersOf(slices: readonly Slice[]): CountersSeen | null {
  const counted = slices.map(({ seen }) => seen.counters);
  const [first] = counted;
  if (first == null || counted.includes(null)) return null;
  const counts = (Object.keys(first) as (keyof Counters)[]).map(
    (name) => [name, sumObserved(counted.map((one) => one?.[name] ?? null))] as const,
  );
  return {
    operations: answeredIn(slices),
    elapsedNs: Math.round(slices.reduce((sum, { seen }) => sum + seen.elapsedMs, 0) * 1e6),
    counts: Object.fromEntries(counts) as Counters,
  };
}

function answeredIn(slices: readonly Slice[]): number {
  return slices.reduce((sum, { load }) => sum + load.accounting.ok, 0);
}

function countsOf(reasons: readonly string[]): Record<string, number> {
  // Numbers differ from cycle to cycle; what broke the limit is what a reader wants to count.
  const groups = Map.groupBy(reasons, (reason) => reason.replaceAll(/\d+(\.\d+)? (ms|%)/g, "… $2"));
  return Object.fromEntries([...groups].map(([reason, all]) => [reason, all.length]));
}
