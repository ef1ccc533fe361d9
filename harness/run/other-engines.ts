/**
 * The same echoes once more under load generators that a reader knows, so that ours can be checked. They cannot take turns
 * in slices, so each server is alone meanwhile, and the figures stand beside ours and never among them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGenerator } from "../children/generator/generator.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import { engineNamed } from "../engines/engines.ts";
import type { Engine } from "../engines/engine.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import { canHaveOtherEngines, type PlannedCell } from "../plan/cells.ts";
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
  const folder = mkdtempSync(join(tmpdir(), "readymark-engines-"));
  try {
    for (let round = 0; round < plan.generations; round++) {
      const random = createRandom(plan.seed + round);
      for (const one of random.shuffle(planned.filter(({ cell }) => isOpen(cell)))) {
        tools.signal.throwIfAborted();
        const wanted = random.shuffle(plan.engines.filter((name) => roundsOf(one.cell, name) === round));
        if (wanted.length > 0) await measureServer(one, wanted, round, run, folder, tools);
        tools.save(run);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
  folder: string,
  { signal, onRound }: OtherEngineTools,
): Promise<void> {
  const { serverCpus, shards, port } = plan;
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(stops.map((stop) => stop()));
  };
  signal.addEventListener("abort", stopAll);
  try {
    onRound(cell);
    let server: ServerUnderTest | null = null;
    for (const name of names) {
      signal.throwIfAborted();
      const engine = engineNamed(name);
      const record = await recordOf(cell, engine);
      try {
        if (server === null) {
          server = await source({ protocol: cell.protocol, cpus: serverCpus, shards, port });
          stops.push(server.stop);
          await warmUp(server, cell, plan, stops);
        }
        record.rounds.push(await oneRound(engine, server, cell, plan, plan.seed + round, folder));
      } catch (error) {
        signal.throwIfAborted();
        record.reason = error instanceof Error ? error.message : String(error);
      }
    }
  } finally {
    signal.removeEventListener("abort", stopAll);
    await stopAll();
  }
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

/** By our own generator, because a cold server is several times as slow. */
async function warmUp(
  server: ServerUnderTest,
  cell: Cell,
  plan: Plan,
  stops: (() => Promise<void>)[],
): Promise<void> {
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
  folder: string,
): Promise<EngineRound> {
  const serverPids = server.pids();
  const before = readCpuNs(serverPids);
  const observed = await engine.run(
    { host: server.host, port: server.port, serverPids },
    { ...settingsOf(cell), protocol: "http", seconds: SECONDS, cpus: plan.clientCpus, seed },
    folder,
  );
  const after = readCpuNs(serverPids);
  const requests = observed.requestsPerSecond * observed.loadedSeconds;
  return {
    requestsPerSecond: observed.requestsPerSecond,
    serverCpuNsPerRequest: before === null || after === null ? null : (after - before) / requests,
    clientCpuNsPerRequest: observed.clientCpuNsPerRequest,
    latencyNs: observed.latencyNs,
  };
}
