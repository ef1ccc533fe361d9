/**
 * One sample: a fresh server process and a fresh load generator process, one load, and what the machine says about the
 * server meanwhile. Whatever goes wrong becomes the sample's reason; only an abort is thrown.
 */
import type { Scenario } from "../contract.ts";
import type { Cell, LoadResult, MachineSeen, Plan, Sample } from "../results/run.ts";
import { StartError, type ServerSource, type ServerUnderTest } from "../children/server/server.ts";
import type { IdleConnections } from "../children/idle-connections/idle-connections.ts";
import { openCounters } from "../children/generator/live-counters.ts";
import {
  listenRefusals,
  refusalsSince,
  type ListenRefusals,
  readCpuTimes,
} from "../machine/kernel-counters.ts";
import { startGenerator } from "../children/generator/generator.ts";
import { loadServer } from "./load-server.ts";
import { NOTHING_SEEN, watchServer, type Seen, type Watch } from "./server-watch.ts";
import { judge, reasonOf } from "../checks/judge.ts";

export interface SampleRequest {
  cell: Cell;
  scenario: Scenario;
  source: ServerSource;
  plan: Plan;
  round: number;
  attempt: number;
  seed: number;
  signal: AbortSignal;
  /** Gets operations completed so far, a few times a second. */
  onProgress(operations: number): void;
}

export interface SampleOutcome {
  sample: Sample;
  /** The server's last lines on stderr when the sample failed. */
  serverStderr: string[];
}

export async function measureSample(request: SampleRequest): Promise<SampleOutcome> {
  const { plan, cell, signal } = request;
  const startedAt = new Date().toISOString();
  const cpuTimesBefore = readCpuTimes();
  const generator = startGenerator(plan.clientCpus);
  const idleConnections: IdleConnections[] = [];
  let server: ServerUnderTest | undefined;
  const stopAll = async (): Promise<void> => {
    await Promise.all([generator.stop(), server?.stop(), ...idleConnections.map((idle) => idle.close())]);
  };
  signal.addEventListener("abort", stopAll);
  try {
    server = await startServer(request);
    const observed = await observeLoad(request, server, generator, idleConnections);
    for (const idle of idleConnections) await idle.requireAllOpen();
    signal.throwIfAborted();
    const machine: MachineSeen = {
      stealShare: stealSince(cpuTimesBefore),
      cpuPressureShare: observed.cpuPressureShare,
      otherProcessesCpuShare: observed.otherProcessesCpuShare,
      ...observed.refusals,
    };
    const validity = judge({
      loop: cell.loop,
      load: observed.load,
      counters: observed.counters,
      serverCpuCount: plan.serverCpus.length,
      machine,
    });
    const failure = await failureOf(observed.load, server);
    const status = failure !== null ? "failed" : validity.verdict === "invalid" ? "invalid" : "ok";
    const sample: Sample = {
      round: request.round,
      attempt: request.attempt,
      seed: request.seed,
      startedAt,
      status,
      reason: failure ?? (status === "ok" ? null : reasonOf(validity)),
      load: observed.load,
      serverCpuNsPerOp: perOperation(observed.load.serverCpuNs, observed.load),
      clientCpuNsPerOp: perOperation(observed.load.clientCpuNs, observed.load),
      serverUserShare: observed.serverUserShare,
      serverContextSwitchesPerOp: observed.serverContextSwitchesPerOp,
      serverRssBytes: observed.serverRssBytes,
      counters: observed.counters,
      connectionsPerShard: failure === null ? await shardCounts(server) : null,
      machine,
      validity,
    };
    return { sample, serverStderr: status === "failed" ? server.stderrTail() : [] };
  } catch (error) {
    signal.throwIfAborted();
    const serverStderr = error instanceof StartError ? error.stderrTail : (server?.stderrTail() ?? []);
    return { sample: failedSample(request, startedAt, error), serverStderr };
  } finally {
    signal.removeEventListener("abort", stopAll);
    await stopAll();
  }
}

function startServer({ source, cell, plan }: SampleRequest): Promise<ServerUnderTest> {
  return source({ protocol: cell.protocol, cpus: plan.serverCpus, shards: plan.shards, port: plan.port });
}

async function observeLoad(
  { cell, scenario, plan, seed, onProgress }: SampleRequest,
  server: ServerUnderTest,
  generator: ReturnType<typeof startGenerator>,
  idleConnections: IdleConnections[],
): Promise<{ load: LoadResult; refusals: ListenRefusals } & Seen> {
  const serverPids = server.pids();
  const before = listenRefusals();
  // One for each load, because a search for the capacity takes several.
  const watches: Watch[] = [];
  try {
    const load = await loadServer({
      ...{ cell, scenario, plan, seed, server, serverPids, generator, idleConnections },
      warmupSeconds: plan.warmupSeconds + (scenario.extraWarmupSeconds ?? 0),
      durationSeconds: plan.durationSeconds,
      onCounters: (path, durationSeconds) => {
        watches.at(-1)?.stop();
        watches.push(
          watchServer({
            ...{ readLoad: openCounters(path), server, pids: serverPids, onProgress, durationSeconds },
            cpus: [...new Set([...plan.serverCpus, ...plan.clientCpus])],
          }),
        );
      },
    });
    return {
      load,
      refusals: refusalsSince(before),
      ...(watches[loadIndexOf(load)]?.result() ?? NOTHING_SEEN),
    };
  } finally {
    for (const watch of watches) watch.stop();
  }
}

/** Which of the sample's loads this one was: a search takes a closed loop first, and then its steps. */
function loadIndexOf({ search }: LoadResult): number {
  if (search === undefined) return 0;
  const met = search.steps.findLastIndex(({ outcome }) => outcome === "met");
  return met < 0 ? search.steps.length : 1 + met;
}

/** How the kernel spread the connections, where there was more than one thread to spread them over. */
async function shardCounts(server: ServerUnderTest): Promise<number[] | null> {
  const counts = await server.connectionsPerShard();
  return counts !== null && counts.length > 1 ? counts : null;
}

function perOperation(value: number | null, { operations }: LoadResult): number | null {
  return value === null || operations === 0 ? null : value / operations;
}

/** Why the sample says nothing about the server's speed; null when it does. */
async function failureOf(
  { accounting, operations }: LoadResult,
  server: ServerUnderTest,
): Promise<string | null> {
  const errors = Object.entries(accounting.errors).filter(([, count]) => count > 0);
  const ended = await Promise.race([server.ended, Promise.resolve(null)]);
  const counts = errors.map(([name, count]) => `${count} ${name}`).join(", ");
  const first = accounting.firstError === null ? "" : `; first: ${accounting.firstError}`;
  if (ended !== null)
    return `The server ${ended} while it was measured${counts === "" ? "" : ` (${counts}${first})`}.`;
  if (errors.length > 0) return `Of ${accounting.sent} requests failed: ${counts}${first}.`;
  if (operations === 0) return "No operation was completed in the measured window.";
  return null;
}

function stealSince(before: ReturnType<typeof readCpuTimes>): number | null {
  const after = readCpuTimes();
  if (before === null || after === null || after.totalTicks === before.totalTicks) return null;
  return (after.stealTicks - before.stealTicks) / (after.totalTicks - before.totalTicks);
}

export function failedSample(
  { round, attempt, seed }: Pick<SampleRequest, "round" | "attempt" | "seed">,
  startedAt: string,
  error: unknown,
): Sample {
  return {
    round,
    attempt,
    seed,
    startedAt,
    status: "failed",
    reason: error instanceof Error ? error.message : String(error),
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
  };
}
