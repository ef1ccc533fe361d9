/**
 * One server under several load generators in alternating order, so that our client can be compared with
 * tools that a reader knows. Each round runs every engine once, in shuffled order; ratios are taken within a round.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../statistics/median.ts";
import { createRandom } from "../statistics/random.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import type { Interval } from "../statistics/student.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import type { Engine, Load, Observed } from "../engines/engine.ts";
import { minimal } from "../engines/minimal.ts";
import { readymark } from "./readymark.ts";
import { OTHER_ENGINES } from "../engines/engines.ts";

/** Ours first: the others are compared with it. */
const ENGINES: readonly Engine[] = [readymark, minimal, ...OTHER_ENGINES];

export interface EngineResult {
  engine: string;
  version: string | null;
  /** What its numbers leave out; null when nothing is. */
  caveat: string | null;
  /** The steps of its latency, nanoseconds; 0 where they are too small to matter. */
  latencyResolutionNs: number;
  /** Why it did not run; null when it did. */
  unavailable: string | null;
  rounds: (Observed & { serverBusyShare: number | null; clientBusyShare: number })[];
}

export interface CrossCheck {
  engines: EngineResult[];
  /** Ours over theirs, for each other engine that ran. */
  ratios: { engine: string; requestsPerSecond: Interval; clientCpuNsPerRequest: Interval }[];
}

export async function crossCheck(
  server: ServerUnderTest,
  rounds: number,
  load: Load,
  onRound: (round: number, engine: string) => void,
): Promise<CrossCheck> {
  const random = createRandom(load.seed);
  const speaking = ENGINES.filter(({ protocols }) => protocols.includes(load.protocol));
  const results = await Promise.all(
    speaking.map(async (engine) => ({ engine, result: await emptyResult(engine) })),
  );
  const running = results.filter(({ result }) => result.unavailable === null);
  const folder = mkdtempSync(join(tmpdir(), "readymark-crosscheck-"));
  try {
    for (const { engine } of running) await engine.prepare?.(folder);
    for (let round = 0; round < rounds; round++) {
      for (const { engine, result } of random.shuffle(running)) {
        onRound(round, engine.name);
        result.rounds.push(await observe(engine, server, { ...load, seed: load.seed + round }, folder));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [ours, ...theirs] = running.map(({ result }) => result);
  return {
    engines: results.map(({ result }) => result),
    ratios: ours === undefined ? [] : theirs.map((other) => ratiosBetween(ours, other)),
  };
}

async function emptyResult(engine: Engine): Promise<EngineResult> {
  const availability = await engine.availability();
  return {
    engine: engine.name,
    version: availability.available ? availability.version : null,
    caveat: engine.caveat ?? null,
    latencyResolutionNs: engine.latencyResolutionNs ?? 0,
    unavailable: availability.available ? null : availability.reason,
    rounds: [],
  };
}

/** The busy shares say who was the bottleneck. */
async function observe(
  engine: Engine,
  server: ServerUnderTest,
  load: Load,
  folder: string,
): Promise<EngineResult["rounds"][number]> {
  const serverPids = server.pids();
  const cpuBefore = readCpuNs(serverPids);
  const observed = await engine.run({ host: server.host, port: server.port, serverPids }, load, folder);
  const cpuAfter = readCpuNs(serverPids);
  const serverBusyShare =
    cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / (observed.loadedSeconds * 1e9);
  const clientCpuShare = (observed.requestsPerSecond * observed.clientCpuNsPerRequest) / 1e9;
  return { ...observed, serverBusyShare, clientBusyShare: clientCpuShare / load.cpus.length };
}

function ratiosBetween(ours: EngineResult, theirs: EngineResult): CrossCheck["ratios"][number] {
  const ratio = (pick: (round: Observed) => number): Interval =>
    pairedRatio(theirs.rounds.map(pick), ours.rounds.map(pick));
  return {
    engine: theirs.engine,
    requestsPerSecond: ratio((round) => round.requestsPerSecond),
    clientCpuNsPerRequest: ratio((round) => round.clientCpuNsPerRequest),
  };
}

/** The middle of what the rounds saw, or null where none saw any. */
export function middle(
  result: EngineResult,
  pick: (round: EngineResult["rounds"][number]) => number | null,
): number | null {
  const values = result.rounds.map(pick).filter((value) => value !== null);
  return values.length === 0 ? null : median(values);
}
