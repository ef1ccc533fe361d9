/**
 * The same echoes once more under load generators that a reader knows, so that ours can be checked. They cannot take turns
 * in slices, so each server is alone meanwhile, and the figures stand beside ours and never among them.
 */
import { startGenerator } from "../children/generator/generator.ts";
import type { ServerSource, ServerUnderTest } from "../children/server/server.ts";
import { engineNamed } from "../engines/engines.ts";
import type { Engine } from "../engines/engine.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import { canHaveOtherEngines, type PlannedCell, type ServerCell } from "../plan/cells.ts";
import type { Cell, EngineRound, OtherEngine, Plan, Run } from "../results/run.ts";
import { createRandom } from "../statistics/random.ts";
import { jobFor } from "./load-server.ts";

export interface OtherEngineTools {
  signal: AbortSignal;
  save(run: Run): void;
  onRound(cell: Cell): void;
}

/** Their load, seconds; both take whole ones only. */
const SECONDS = 2;

/** How many loads are still to come. */
export function engineRoundsLacking({ cells, plan }: Run): number {
  return cells.filter(isOpen).reduce((sum, cell) => sum + lackingOf(cell, plan).length, 0);
}

/** Gives every cell that can have them what the run still lacks. Throws the signal's reason when aborted. */
export async function measureOtherEngines(
  run: Run,
  planned: readonly PlannedCell[],
  tools: OtherEngineTools,
): Promise<void> {
  const { plan } = run;
  for (let round = 0; round < plan.generations; round++) {
    const random = createRandom(plan.seed + round);
    for (const one of random.shuffle(planned.filter(({ cell }) => isOpen(cell)))) {
      tools.signal.throwIfAborted();
      const wanted = random.shuffle(plan.engines.filter((name) => roundsOf(one.cell, name) === round));
      if (wanted.length > 0) await measureServer(one, wanted, round, run, tools);
      tools.save(run);
    }
  }
}

/** A server that lost a byte under our load, or is not there, is measured by nobody. */
function isOpen(cell: Cell): boolean {
  return cell.status === "ok" && canHaveOtherEngines(cell);
}

function lackingOf(cell: Cell, { engines, generations }: Plan): string[] {
  return engines.flatMap((name) => Array<string>(Math.max(0, generations - roundsOf(cell, name))).fill(name));
}

/** An engine that failed once is not tried again. */
function roundsOf(cell: Cell, name: string): number {
  const found = cell.otherEngines.find(({ engine }) => engine === name);
  if (found === undefined) return 0;
  return found.reason === null ? found.rounds.length : Number.POSITIVE_INFINITY;
}

async function measureServer(
  { cell, source }: PlannedCell,
  names: readonly string[],
  round: number,
  { plan }: Run,
  { signal, onRound }: OtherEngineTools,
): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(stops.map((stop) => stop()));
  };
  signal.addEventListener("abort", stopAll);
  try {
    onRound(cell);
    const records = await Promise.all(names.map((name) => recordOf(cell, engineNamed(name))));
    const server = await warmServer(cell, source, plan, { signal, stops }).catch((error: unknown) => {
      signal.throwIfAborted();
      for (const record of records) record.reason = messageOf(error);
      return null;
    });
    if (server === null) return;
    for (const record of records) {
      signal.throwIfAborted();
      try {
        record.rounds.push(await oneRound(engineNamed(record.engine), server, cell, plan, plan.seed + round));
      } catch (error) {
        signal.throwIfAborted();
        record.reason = messageOf(error);
      }
    }
  } finally {
    signal.removeEventListener("abort", stopAll);
    await stopAll();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function recordOf(cell: Cell, engine: Engine): Promise<OtherEngine> {
  const known = cell.otherEngines.find((one) => one.engine === engine.name);
  if (known !== undefined) return known;
  const availability = await engine.availability();
  const version = availability.available ? availability.version : "";
  const record: OtherEngine = {
    ...{ engine: engine.name, version, caveat: engine.caveat ?? null },
    ...{ rounds: [], reason: null },
  };
  cell.otherEngines.push(record);
  return record;
}

/** Loaded by our own generator first, because a cold server is several times as slow. */
async function warmServer(
  cell: ServerCell,
  source: ServerSource,
  plan: Plan,
  { signal, stops }: { signal: AbortSignal; stops: (() => Promise<void>)[] },
): Promise<ServerUnderTest> {
  const { serverCpus: cpus, shards, port } = plan;
  const server = await source({ protocol: cell.protocol, cpus, shards, port });
  stops.push(server.stop);
  signal.throwIfAborted();
  const generator = startGenerator(plan.clientCpus);
  stops.push(generator.stop);
  try {
    const target = { protocol: cell.protocol, server, serverPids: server.pids(), plan, seed: plan.seed };
    const { connections, payloadBytes } = settingsOf(cell);
    await generator.run(
      jobFor(
        target,
        { loop: "closed", connections, payloadBytes, pipeline: 1 },
        { warmupSeconds: 0, durationSeconds: plan.warmupSeconds },
      ),
    );
    signal.throwIfAborted();
    return server;
  } finally {
    await generator.stop();
  }
}

function settingsOf({ parameters }: Cell): { connections: number; payloadBytes: number } {
  return { connections: Number(parameters["connections"]), payloadBytes: Number(parameters["payloadBytes"]) };
}

async function oneRound(
  engine: Engine,
  server: ServerUnderTest,
  cell: Cell,
  plan: Plan,
  seed: number,
): Promise<EngineRound> {
  const serverPids = server.pids();
  const before = readCpuNs(serverPids);
  const observed = await engine.run(
    { host: server.host, port: server.port, serverPids },
    { ...settingsOf(cell), protocol: "http", seconds: SECONDS, cpus: plan.clientCpus, seed },
  );
  const after = readCpuNs(serverPids);
  return {
    requestsPerSecond: observed.requestsPerSecond,
    serverCpuNsPerRequest: before === null || after === null ? null : (after - before) / observed.requests,
    clientCpuNsPerRequest: observed.clientCpuNsPerRequest,
    latencyNs: observed.latencyNs,
  };
}
