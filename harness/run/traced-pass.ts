/**
 * The traced pass of a cell: a fresh server and a fresh generator, the cell's own load, and a tracer that counts the
 * server's system calls between two moments of it. Nothing in this pass is timed, because tracing slows the server.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Scenario } from "../contract.ts";
import type { IdleConnections } from "../children/idle-connections/idle-connections.ts";
import { openCounters, type LiveCounters } from "../children/generator/live-counters.ts";
import type { ServerCell } from "../plan/cells.ts";
import type { Plan, Trace } from "../results/run.ts";
import type { ServerSource, ServerUnderTest } from "../children/server/server.ts";
import type { Tracer, Tracing } from "../machine/tracers/tracer.ts";
import { startGenerator } from "../children/generator/generator.ts";
import { openIdleConnections } from "../children/idle-connections/idle-connections.ts";
import { jobFor } from "./load-server.ts";

const WARMUP_SECONDS = 0.1;
/** Thousands of operations for perf, and hundreds for strace. */
const WINDOW_SECONDS = 0.15;
/** The load is stopped when the window is over; this only has to be longer. */
const LOAD_SECONDS = 60;
const POLL_INTERVAL_MS = 5;

export interface TracedPassRequest {
  cell: ServerCell;
  scenario: Scenario;
  source: ServerSource;
  plan: Plan;
  tracer: Tracer;
  signal: AbortSignal;
}

export type TracedPass = { trace: Trace; reason: null } | { trace: null; reason: string };

/** Whatever goes wrong becomes the reason; only an abort is thrown. */
export async function tracePass(request: TracedPassRequest): Promise<TracedPass> {
  const { plan, cell, tracer, signal } = request;
  const generator = startGenerator(plan.clientCpus);
  const idleConnections: IdleConnections[] = [];
  let server: ServerUnderTest | undefined;
  let tracing: Tracing | undefined;
  const over = new AbortController();
  const stopAll = async (): Promise<void> => {
    await Promise.all([
      ...[generator.stop(), tracing?.stop(), server?.stop()],
      ...idleConnections.map((idle) => idle.close()),
    ]);
  };
  signal.addEventListener("abort", stopAll);
  try {
    server = await request.source({
      ...{ protocol: cell.protocol, cpus: plan.serverCpus },
      ...{ shards: plan.shards, port: plan.port },
    });
    if (!server.startedHere) {
      throw new Error("the server was started elsewhere, and only processes of this run are traced");
    }
    const serverPids = server.pids();
    tracing = await tracer.attach(serverPids);
    const counters = Promise.withResolvers<string>();
    const workload = request.scenario.workload(cell.parameters);
    if (workload.idleConnections)
      idleConnections.push(await openIdleConnections(server, workload.idleConnections, plan.clientCpus));
    const load = generator.run(
      jobFor({ protocol: cell.protocol, server, serverPids, plan, seed: plan.seed }, workload.load, {
        warmupSeconds: WARMUP_SECONDS,
        durationSeconds: LOAD_SECONDS,
      }),
      counters.resolve,
    );
    const ended = load.then(({ accounting }) => {
      throw new Error(
        `the load ended early${accounting.firstError === null ? "" : `: ${accounting.firstError}`}`,
      );
    });
    const window = { tool: tracer.tool, tracing, over: over.signal };
    const counted = counters.promise.then((path) => countCalls(openCounters(path), window));
    return { trace: await Promise.race([counted, ended]), reason: null };
  } catch (error) {
    signal.throwIfAborted();
    const died = await Promise.race([server?.ended, Promise.resolve(undefined)]);
    const message = error instanceof Error ? error.message : String(error);
    const reason = died === undefined ? message : `the server ${died} while it was traced (${message})`;
    return { trace: null, reason: `The traced pass of ${tracer.tool} failed: ${reason}.` };
  } finally {
    over.abort();
    signal.removeEventListener("abort", stopAll);
    await stopAll();
  }
}

async function countCalls(
  readLoad: () => LiveCounters,
  { tool, tracing, over }: { tool: Trace["tool"]; tracing: Tracing; over: AbortSignal },
): Promise<Trace> {
  // The counters of a generator that died stay as they were, so only the signal ends this in every case.
  while (readLoad().phase === "connecting" || readLoad().phase === "warm-up") {
    over.throwIfAborted();
    await delay(POLL_INTERVAL_MS);
  }
  const begin = await around(readLoad, tracing.begin);
  await delay(WINDOW_SECONDS * 1000);
  // A CPU that was taken away all the time would leave nothing to divide by.
  for (let seen = readLoad(); seen.ok <= begin.after && seen.errors === 0; seen = readLoad()) {
    over.throwIfAborted();
    await delay(POLL_INTERVAL_MS);
  }
  const end = await around(readLoad, tracing.end);
  const { errors } = readLoad();
  if (errors > 0) throw new Error(`${errors} requests failed meanwhile`);
  const least = end.before - begin.after;
  const most = end.after - begin.before;
  if (least <= 0) throw new Error("no operation was completed meanwhile");
  const operations = (least + most) / 2;
  const counts = Object.entries(await tracing.counts()).toSorted(([, a], [, b]) => b - a);
  return {
    tool,
    seconds: (end.atMs - begin.atMs) / 1000,
    operations,
    operationsError: (most - least) / 2,
    calls: Object.fromEntries(counts.map(([name, count]) => [name, count / operations])),
  };
}

/** The operations done before and after something that takes effect at an unknown moment in between. */
async function around(
  readLoad: () => LiveCounters,
  act: () => Promise<void>,
): Promise<{ before: number; after: number; atMs: number }> {
  const before = readLoad().ok;
  await act();
  return { before, after: readLoad().ok, atMs: performance.now() };
}
