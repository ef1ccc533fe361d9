/**
 * One server under several load generators in alternating order, so that whoever doubts our client can compare it with
 * one they know. Each round runs every engine once, in shuffled order; ratios are taken within a round.
 */
import { median } from "../statistics/median.ts";
import { createRandom } from "../statistics/random.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import type { Interval } from "../statistics/bootstrap.ts";
import { readCpuNs } from "../../native/index.ts";
import type { ServerUnderTest } from "../servers/server.ts";
import { autocannon } from "./autocannon.ts";
import type { Engine, Load, Observed } from "./engine.ts";
import { readymark } from "./readymark.ts";
import { wrk } from "./wrk.ts";

const ENGINES: readonly Engine[] = [readymark, wrk, autocannon];

export interface EngineResult {
  engine: string;
  version: string | null;
  /** Why it did not run; null when it did. */
  unavailable: string | null;
  rounds: (Observed & { serverBusyShare: number | null })[];
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
  const results = await Promise.all(
    ENGINES.map(async (engine) => {
      const availability = await engine.availability();
      const version = availability.available ? availability.version : null;
      const unavailable = availability.available ? null : availability.reason;
      return { engine, result: { engine: engine.name, version, unavailable, rounds: [] } as EngineResult };
    }),
  );
  const running = results.filter(({ result }) => result.unavailable === null);
  for (let round = 0; round < rounds; round++) {
    for (const { engine, result } of random.shuffle(running)) {
      onRound(round, engine.name);
      result.rounds.push(await observe(engine, server, { ...load, seed: load.seed + round }));
    }
  }
  const [ours, ...theirs] = running.map(({ result }) => result);
  return {
    engines: results.map(({ result }) => result),
    ratios: ours === undefined ? [] : theirs.map((other) => ratiosBetween(ours, other)),
  };
}

/** The server's busy share says who was the bottleneck; the time includes the engine's own start. */
async function observe(
  engine: Engine,
  server: ServerUnderTest,
  load: Load,
): Promise<EngineResult["rounds"][number]> {
  const serverPids = server.pids();
  const cpuBefore = readCpuNs(serverPids);
  const startedAtMs = performance.now();
  const observed = await engine.run({ host: server.host, port: server.port, serverPids }, load);
  const elapsedNs = (performance.now() - startedAtMs) * 1e6;
  const cpuAfter = readCpuNs(serverPids);
  const serverBusyShare = cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / elapsedNs;
  return { ...observed, serverBusyShare };
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
