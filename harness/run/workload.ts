/**
 * One workload of a generation: every server that has it is warmed up under it, and then they are loaded in turn, in
 * passes between which other workloads have theirs, so that a slow spell of the machine does not fall on one workload.
 * Only the connections of this workload are open meanwhile, because others would make waiting more expensive for a server
 * whose multiplexer looks at all of them.
 */
import { isDeepStrictEqual } from "node:util";
import type { Workload } from "../contract.ts";
import type { Generator } from "../children/generator/generator.ts";
import type { LoadSession } from "../children/generator/run-load.ts";
import { openIdleConnections, type IdleConnections } from "../children/idle-connections/idle-connections.ts";
import type { PlannedCell } from "../plan/cells.ts";
import type { Plan, Sample, WarmUp } from "../results/run.ts";
import { isWarming, rotate, type Cycle, type Stretch } from "../rotation/cycles.ts";
import type { Arm } from "../rotation/slice.ts";
import { warmUp } from "../rotation/warm-up.ts";
import { settledSlabBytes, slabBytes } from "../machine/slabs.ts";
import { differenceObserved } from "../statistics/observed.ts";
import { measuredOn, type AliveServer } from "./alive.ts";
import { atFullSpeed, jobFor, type Target } from "./load-server.ts";
import { explained, failedSample, failureOf, rotatedSample, type Origin } from "./sample.ts";

/** A server under the workload, with the cell that gets the sample. */
export interface Entrant extends AliveServer {
  planned: PlannedCell;
  /** Load before it counts, at least, seconds. */
  warmupSeconds: number;
}

export interface WorkloadRequest {
  workload: Workload;
  entrants: readonly Entrant[];
  plan: Plan;
  origin: Origin;
  generator: Generator;
  signal: AbortSignal;
  onPhase(phase: string, entrant: Entrant): void;
}

export interface Outcome {
  entrant: Entrant;
  sample: Sample;
}

/** At least so much of an open loop's warm-up is at its own rate. */
const AT_RATE_SECONDS = 0.4;

/** One server under the workload and what has become of it so far. */
interface Contender {
  entrant: Entrant;
  warmUp: WarmUp | null;
  /** Why it gets no number, in words. */
  failure: string | null;
  connectionsPerShard: number[] | null;
  /** Whether processes of the server came or went while it was measured, so that what all of them cost is not known. */
  hasOtherProcesses: boolean;
  /** Of the kernel, for all idle connections; undefined without any, null when it was not observed. */
  idleKernelBytes?: number | null;
}

type Arms = Map<Contender, Arm>;

export class RotatedWorkload {
  readonly #request: WorkloadRequest;
  readonly #contenders: Contender[];
  #cycles: Cycle[] = [];
  readonly #leftOut: string[] = [];
  #stretches: Stretch[] = [];
  #planned = 0;
  #passes = 0;

  constructor(request: WorkloadRequest) {
    this.#request = request;
    this.#contenders = request.entrants.map((entrant) => ({
      entrant,
      warmUp: null,
      failure: null,
      connectionsPerShard: null,
      hasOtherProcesses: false,
    }));
  }

  /** Warms all servers up. Rejects, as all do, when the load generator cannot work, or with the signal's reason. */
  warmUp(): Promise<void> {
    return this.#withArms((arms) => this.#warmAll(arms));
  }

  /** Takes so many cycles that count, as far as the machine lets it. */
  pass(cycles: number): Promise<void> {
    return this.#withArms((arms) => this.#rotate(arms, cycles));
  }

  /** Both at once, on the same connections. */
  warmUpAndPass(cycles: number): Promise<void> {
    return this.#withArms(async (arms) => {
      await this.#warmAll(arms);
      await this.#rotate(arms, cycles);
    });
  }

  /** Whether a server became faster from cycle to cycle, so that those cycles were its warm-up. */
  isWarming(): boolean {
    return this.#alive().some(({ entrant }) => isWarming(this.#cycles, entrant.name));
  }

  /** Makes all cycles so far count for nothing; without a reason they are not even named. */
  forget(reason: string | null): void {
    if (reason !== null) this.#leftOut.push(...this.#cycles.map(() => reason));
    this.#cycles = [];
    this.#planned = 0;
    this.#stretches = [];
  }

  outcomes(): Outcome[] {
    const { workload, plan, origin } = this.#request;
    return this.#contenders.map(({ entrant, warmUp, failure, ...seen }) => ({
      entrant,
      sample:
        failure !== null || warmUp === null
          ? failedSample(origin, failure ?? "It was not warmed up.")
          : rotatedSample({
              ...{ origin, loop: workload.load.loop, warmUp, ...seen },
              ...{
                id: entrant.name,
                cycles: this.#cycles,
                planned: this.#planned,
                leftOut: this.#leftOut,
                stretches: this.#stretches,
              },
              serverCpuCount: plan.serverCpus.length,
            }),
    }));
  }

  #alive(): Contender[] {
    return this.#contenders.filter(({ failure }) => failure === null);
  }

  /** Has the workload's connections open, to every server that has not failed, while `use` runs. */
  async #withArms(use: (arms: Arms) => Promise<void>): Promise<void> {
    const { workload, generator, signal } = this.#request;
    const sessions: LoadSession[] = [];
    const idle = new Map<Contender, IdleConnections>();
    const shards = new Map<Contender, number[] | null>();
    const arms: Arms = new Map();
    try {
      for (const contender of this.#alive()) {
        const { entrant } = contender;
        shards.set(contender, await shardsOf(entrant));
        if (!(await this.#openIdle(contender, idle))) continue;
        // A server may have started workers since it listened.
        entrant.pids = entrant.server.pids();
        const session = await generator.openSession(jobFor(this.#target(entrant), workload.load));
        sessions.push(session);
        const { server, pids, name } = entrant;
        arms.set(contender, { id: name, loop: workload.load.loop, server, pids, session });
      }
      await use(arms);
      for (const contender of arms.keys()) {
        contender.failure ??= await lossOf(idle.get(contender));
        contender.connectionsPerShard = added(
          contender.connectionsPerShard,
          shards.get(contender) ?? null,
          await shardsOf(contender.entrant),
        );
      }
    } finally {
      // A generator that is gone has closed them.
      await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
      await Promise.all([...idle.values()].map((connections) => connections.close()));
      signal.throwIfAborted();
    }
  }

  async #warmAll(arms: Arms): Promise<void> {
    for (const [contender, arm] of arms) {
      this.#request.onPhase("warming up", contender.entrant);
      await this.#warm(contender, arm);
    }
  }

  async #rotate(arms: Arms, cycles: number): Promise<void> {
    const { entrants, plan, origin, signal, onPhase } = this.#request;
    const alive = [...arms].filter(([{ failure }]) => failure === null);
    const [first] = alive;
    if (first === undefined) return;
    onPhase("measuring", first[0].entrant);
    const rotation = await rotate(
      alive.map(([, arm]) => arm),
      {
        cycles,
        times: { discardSeconds: plan.discardSeconds, durationSeconds: plan.sliceSeconds },
        // No two passes meet the same bursts of arrivals, or the same order.
        seed: origin.seed + 1_000_000 * ++this.#passes,
        measured: measuredOn(plan, entrants),
        signal,
      },
    );
    this.#planned += cycles;
    this.#cycles.push(...rotation.cycles);
    this.#leftOut.push(...rotation.leftOut);
    this.#stretches.push(...rotation.stretches);
    for (const [contender, { id, pids }] of alive) {
      contender.hasOtherProcesses ||= !isDeepStrictEqual(pids, contender.entrant.server.pids());
      const slice = rotation.failed.get(id);
      if (slice !== undefined) contender.failure = await failureOf(slice.load, contender.entrant.server);
    }
  }

  /** False when the server did not take them, which is its failure. */
  async #openIdle(contender: Contender, idle: Map<Contender, IdleConnections>): Promise<boolean> {
    const { workload, plan, signal } = this.#request;
    if (!workload.idleConnections) return true;
    try {
      const { server } = contender.entrant;
      const before = await settledSlabBytes();
      idle.set(contender, await openIdleConnections(server, workload.idleConnections, plan.clientCpus));
      contender.idleKernelBytes = differenceObserved(slabBytes(), before);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      contender.failure = await explained(error, contender.entrant.server);
      return false;
    }
  }

  /**
   * An open loop is warmed up at full speed first, because at its rate compiling would take many times as long, and then
   * at its rate, where servers run other code.
   */
  async #warm(contender: Contender, arm: Arm): Promise<void> {
    const { workload, generator } = this.#request;
    const { load } = workload;
    const { entrant } = contender;
    if (load.loop !== "open") return this.#warmArm(contender, arm, entrant.warmupSeconds);
    const session = await generator.openSession(jobFor(this.#target(entrant), atFullSpeed(load)));
    try {
      await this.#warmArm(contender, { ...arm, session, loop: "closed" }, entrant.warmupSeconds);
    } finally {
      await session.close().catch(() => undefined);
    }
    const atFull = contender.warmUp;
    if (atFull === null || contender.failure !== null) return;
    await this.#warmArm(contender, arm, Math.min(AT_RATE_SECONDS, entrant.warmupSeconds));
    if (contender.warmUp !== null) contender.warmUp = inSuccession(atFull, contender.warmUp);
  }

  async #warmArm(contender: Contender, arm: Arm, leastSeconds: number): Promise<void> {
    const { plan, origin, signal } = this.#request;
    const times = { leastSeconds, mostSeconds: plan.warmupLimitSeconds };
    const end = await warmUp(arm, times, { seed: origin.seed, signal });
    contender.warmUp = end.warmUp;
    if (end.failed !== null) contender.failure = await failureOf(end.failed.load, contender.entrant.server);
  }

  #target({ planned, server, pids }: Entrant): Target {
    const { plan, origin } = this.#request;
    return { protocol: planned.cell.protocol, server, serverPids: pids, plan, seed: origin.seed };
  }
}

async function lossOf(idle: IdleConnections | undefined): Promise<string | null> {
  try {
    await idle?.requireAllOpen();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Connections so far by shard, where there is more than one thread to spread them over. */
async function shardsOf({ server }: Entrant): Promise<number[] | null> {
  const counts = await server.connectionsPerShard().catch(() => null);
  return counts !== null && counts.length > 1 ? counts : null;
}

function added(
  sum: readonly number[] | null,
  before: readonly number[] | null,
  after: readonly number[] | null,
): number[] | null {
  if (before === null || after === null) return null;
  return after.map((count, shard) => count - (before[shard] ?? 0) + (sum?.[shard] ?? 0));
}

/**
 * Two warm-ups one after the other. The later says how the cost went, since only its own costs are those of the workload; a
 * later generation has to repeat the first, so when that had settled is what it is told.
 */
function inSuccession(first: WarmUp, second: WarmUp): WarmUp {
  return {
    ...second,
    seconds: first.seconds + second.seconds,
    operations: first.operations + second.operations,
    settledAfterSeconds: second.settledAfterSeconds === null ? null : first.settledAfterSeconds,
  };
}
