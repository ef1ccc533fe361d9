/**
 * A session that all agents of a pool have with one server: each opens its share of the connections, and slices of load
 * begin on all at one moment. A slice that lacks an agent keeps the parts of the others, and says whose is missing.
 */
import { nuid } from "@nats-io/transport-node";
import type { LoadJob } from "../children/generator/job.ts";
import type { NativeSlice } from "../children/generator/native-generator.ts";
import type { LoadSession } from "../children/generator/run-load.ts";
import { mergeShards } from "../children/generator/slice-load.ts";
import { Failure } from "../failure.ts";
import type { AgentSeen } from "../results/run.ts";
import type { SliceLoad } from "../results/slice-load.ts";
import { between, monotonicNs, type ClockReading } from "./clock.ts";
import { cpuBetween } from "./cpu-between.ts";
import type { OpenOrder, SliceResult } from "./messages.ts";
import type { AgentPool, Member } from "./pool.ts";
import { openResults, type Results } from "./results.ts";

/** From the last order to the common start: for orders to arrive, and for threads to wake up. */
const LEAST_LEAD_NS = 30e6;
const LEAD_ROUND_TRIPS = 20;
const ANSWER_SECONDS = 5;
/** After a window: for requests that are on their way, beyond what an answer may take, and for results. */
const REST_SECONDS = 10;

export interface AgentSession extends LoadSession {
  /** Under which the stream keeps its results, until it is closed. */
  name: string;
}

/** Rejects with a Failure when an agent refuses the load, or cannot open its connections. */
export async function openAgentSession(pool: AgentPool, job: LoadJob): Promise<AgentSession> {
  const session = nuid.next();
  const members = pool.members.filter(({ isLost }) => !isLost);
  requireAll(pool, members, job);
  const results = openResults(pool, session);
  try {
    const seconds = job.timeoutSeconds + ANSWER_SECONDS;
    await Promise.all(
      members.map((member) =>
        pool.ask(member, "open", { session, job: shareOf(job, pool, member) }, seconds),
      ),
    );
  } catch (error) {
    await closeAll(pool, session, results);
    throw error;
  }
  let slices = 0;
  return {
    name: session,
    run: async (slice) => runSlice({ pool, session, job, results }, slice, ++slices),
    close: async () => {
      await closeAll(pool, session, results);
      await results.forget();
    },
  };
}

function requireAll(pool: AgentPool, members: readonly Member[], { connections }: LoadJob): void {
  const lost = pool.members.filter(({ isLost }) => isLost).map(({ name }) => name);
  if (members.length < pool.members.length)
    throw new Failure(4, `The agent ${lost.join(" and ")} was lost; start it again, and resume.`);
  const threads = allThreads(pool);
  if (connections < threads)
    throw new Failure(
      2,
      `${connections} connections cannot be shared by ${threads} threads of ${members.length} agents; take at least ${threads}.`,
    );
}

function allThreads({ members }: AgentPool): number {
  return members.reduce((sum, { threads }) => sum + threads, 0);
}

function shareOf(job: LoadJob, pool: AgentPool, { threads, firstThread }: Member): OpenOrder["job"] {
  const { protocol, loop, host, port, path, connections, payloadBytes, pipeline } = job;
  const { ratePerSecond, arrivals, closeMode, seed, timeoutSeconds } = job;
  return {
    ...{ protocol, loop, host, port, connections, payloadBytes, pipeline, seed, timeoutSeconds, threads },
    ...(path === undefined ? {} : { path }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(arrivals === undefined ? {} : { arrivals }),
    ...(closeMode === undefined ? {} : { closeMode }),
    shard: { firstThread, allThreads: allThreads(pool) },
  };
}

interface SessionParts {
  pool: AgentPool;
  session: string;
  job: LoadJob;
  results: Results;
}

async function runSlice(
  { pool, session, job, results }: SessionParts,
  { discardSeconds, durationSeconds, seed, neighbourPids }: NativeSlice,
  number: number,
): Promise<SliceLoad> {
  const before = new Map(pool.members.map((member) => [member, member.clock]));
  const startNs = monotonicNs() + leadNs(pool);
  const order = { session, slice: number, discardSeconds, durationSeconds, seed };
  const windowNs = [
    startNs + discardSeconds * 1e9,
    startNs + (discardSeconds + durationSeconds) * 1e9,
  ] as const;
  const seconds = discardSeconds + durationSeconds + job.timeoutSeconds + REST_SECONDS;
  const partOf = async (member: Member): Promise<SliceResult | null> => {
    if (member.isLost) return null;
    const theirStart = { startNs: startNs + member.clock.offsetNs };
    try {
      await pool.ask(member, "slice", { ...order, ...theirStart }, ANSWER_SECONDS);
    } catch (error) {
      // An agent that does not answer is waited for until it does, or is lost.
      if (error instanceof Failure) throw error;
    }
    return results.wait(member, number, seconds);
  };
  const [parts, serverCpuNs, neighboursCpuNs] = await Promise.all([
    Promise.all(pool.members.map(async (member) => [member, await partOf(member)] as const)),
    cpuBetween(job.serverPids, ...windowNs),
    cpuBetween(neighbourPids, ...windowNs),
  ]);
  await pool.readClocks();
  const shards = parts.flatMap(([member, part]) => loadOf(member, part) ?? []);
  if (shards.length === 0) throw new Error("every agent was lost");
  return {
    ...mergeShards(shards),
    ...{ startedNs: startNs, serverCpuNs, neighboursCpuNs },
    agents: parts.map(([member, part]) => seenOf(member, part, before.get(member) ?? member.clock)),
  };
}

function leadNs({ members }: AgentPool): number {
  const errors = members.filter(({ isLost }) => !isLost).map(({ clock }) => clock.errorNs);
  return Math.max(LEAST_LEAD_NS, LEAD_ROUND_TRIPS * 2 * Math.max(0, ...errors));
}

function loadOf({ name }: Member, part: SliceResult | null): SliceLoad | null {
  if (part !== null && part.error !== null) throw new Error(`the agent ${name}: ${part.error}`);
  return part?.load ?? null;
}

function seenOf({ name, clock }: Member, part: SliceResult | null, before: ClockReading): AgentSeen {
  if (part === null || part.load === null)
    return { name, operations: 0, busyShare: null, startErrorNs: null, clockErrorNs: null, lost: true };
  const { offsetNs, errorNs } = between(before, clock);
  return {
    name,
    operations: part.load.operations,
    busyShare: Math.max(0, ...part.load.clientBusyShare),
    // It was told a moment of its own clock, by what was known of that clock before.
    startErrorNs: part.load.startedNs - part.orderedNs + (before.offsetNs - offsetNs),
    clockErrorNs: errorNs,
    lost: false,
  };
}

async function closeAll(pool: AgentPool, session: string, results: Results): Promise<void> {
  results.stop();
  await Promise.all(
    pool.members
      .filter(({ isLost }) => !isLost)
      .map((member) => pool.ask(member, "close", { session }, ANSWER_SECONDS).catch(() => undefined)),
  );
}
