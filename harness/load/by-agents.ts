/**
 * One load by several agents, whose results are kept by the broker: a controller that was ended meanwhile collects them when
 * it is back.
 */
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import { connectBroker, openStream } from "../agents/broker.ts";
import type { BrokerOptions } from "../agents/broker-options.ts";
import {
  plainText,
  planSubject,
  readLoadPlan,
  resultSubject,
  STREAM,
  type LoadPlan,
} from "../agents/messages.ts";
import { openPool } from "../agents/pool.ts";
import { storedResult } from "../agents/results.ts";
import { openAgentSession, type AgentSession } from "../agents/session.ts";
import { mergeShards } from "../children/generator/slice-load.ts";
import { Failure } from "../failure.ts";
import type { AgentSeen } from "../results/run.ts";
import { SHARD_SCHEMA, type ShardRecord, type WholeLoad } from "../results/shard.ts";
import { loadOf } from "./shard.ts";

export interface AgentsRequest {
  whole: WholeLoad;
  agents: number;
  broker: BrokerOptions;
  signal: AbortSignal;
  /** Called with the name under which the load can be collected, before it begins. */
  onName(name: string): void;
}

/** For an answer that comes late, and for the broker. */
const REST_SECONDS = 15;
const LOOK_MS = 250;
const LOOKING_MS = 10_000;

/** Rejects with a Failure when the broker, or enough agents, cannot be found, or one refuses the load. */
export async function loadByAgents({
  whole,
  agents,
  broker,
  signal,
  onName,
}: AgentsRequest): Promise<ShardRecord> {
  const pool = await openPool({ broker, agents, signal });
  let session: AgentSession | null = null;
  let isComplete = false;
  let isUnderWay = false;
  try {
    session = await openAgentSession(pool, {
      ...loadOf(whole),
      ...{ threads: 1, cpus: [], spin: false, serverPids: [] },
    });
    const seconds = whole.warmupSeconds + whole.durationSeconds + whole.timeoutSeconds + REST_SECONDS;
    const plan: LoadPlan = {
      whole,
      agents: pool.members.map(({ id, name, clock }) => ({ id, name, clockErrorNs: clock.errorNs })),
      until: new Date(Date.now() + seconds * 1000).toISOString(),
    };
    await jetstream(pool.connection)
      .publish(planSubject(session.name), JSON.stringify(plan))
      .catch((error: unknown) => {
        throw new Failure(4, `NATS did not keep the plan of the load: ${plainText(error)}.`);
      });
    onName(session.name);
    isUnderWay = true;
    const load = await session.run({
      ...{ startNs: 0, discardSeconds: whole.warmupSeconds, durationSeconds: whole.durationSeconds },
      ...{ seed: whole.seed, stallSeconds: 0, neighbourPids: [] },
    });
    isUnderWay = false;
    isComplete = load.agents?.every(({ lost }) => lost === null) ?? false;
    return recordOf(whole, load);
  } finally {
    // What has not come may still come, and who has lost a terminal may collect it all; who interrupts a load wants none of it.
    const isLeft = isUnderWay && (!signal.aborted || signal.reason === "SIGHUP");
    if (!isLeft) await session?.close(!isComplete && !signal.aborted);
    await pool.close();
  }
}

/**
 * What the broker kept of a load whose controller ended; waits for agents that are still at it. Rejects with a Failure when
 * the broker does not know the load.
 */
export async function collectLoad(
  broker: BrokerOptions,
  name: string,
  signal: AbortSignal,
): Promise<ShardRecord> {
  const connection = await connectBroker(broker, "readymark controller");
  try {
    const manager = await openStream(connection);
    const stored = await answered(signal, Date.now() + LOOKING_MS, () =>
      manager.streams.getMessage(STREAM, { last_by_subj: planSubject(name) }),
    );
    if (stored === null)
      throw new Failure(
        2,
        `The broker keeps no load named ${name}; loads are kept for a day, and until they are read.`,
      );
    const { whole, agents, until } = readLoadPlan(stored.data);
    const seen: AgentSeen[] = [];
    const loads: ShardRecord["load"][] = [];
    for (const agent of agents) {
      const subject = resultSubject(name, 1, agent.id);
      const result = await untilStored(() => storedResult(manager, subject), Date.parse(until), signal);
      const load = result?.load ?? null;
      if (result === null || load === null) {
        const nothing = { operations: 0, busyShare: null, startErrorNs: null, clockErrorNs: null };
        seen.push({ name: agent.name, ...nothing, lost: result?.error ?? "its result did not come" });
        continue;
      }
      loads.push(load);
      seen.push({
        ...{ name: agent.name, operations: load.operations, lost: null },
        busyShare: Math.max(0, ...load.clientBusyShare),
        startErrorNs: load.startedNs - result.orderedNs,
        clockErrorNs: agent.clockErrorNs,
      });
    }
    if (loads.length === 0) throw new Failure(1, `No agent stored a result of the load ${name}.`);
    return recordOf(whole, { ...mergeShards(loads), agents: seen });
  } finally {
    await connection.close();
  }
}

/** Asked for again until it is there, or cannot come any more: null. */
async function untilStored<Value>(
  look: () => Promise<Value | null>,
  untilMs: number,
  signal: AbortSignal,
): Promise<Value | null> {
  for (;;) {
    const found = await answered(signal, Math.max(untilMs, Date.now() + LOOKING_MS), look);
    if (found !== null || Date.now() > untilMs) return found;
    await delay(LOOK_MS, undefined, { signal });
  }
}

/** What the broker says, which may be away for a moment. Rejects with a Failure when it says nothing until then. */
async function answered<Value>(
  signal: AbortSignal,
  untilMs: number,
  ask: () => Promise<Value>,
): Promise<Value> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > untilMs) throw new Failure(4, `NATS does not answer: ${plainText(error)}.`);
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}

function recordOf(whole: WholeLoad, load: ShardRecord["load"]): ShardRecord {
  return {
    ...{ schema: SHARD_SCHEMA, whole, index: 1, shards: 1, threads: 0, machine: hostname() },
    ...{ startAt: null, startErrorNs: null, load },
  };
}
