/**
 * One generation of a group: fresh processes of all its servers, alive together, measured under each workload in turn. A
 * process is the unit of every interval, because two processes of one server differ by more than two slices of one.
 */
import type { Workload } from "../contract.ts";
import { startGenerator, type Generator } from "../children/generator/generator.ts";
import { Refusal } from "../failure.ts";
import type { PlannedCell } from "../plan/cells.ts";
import type { Cell, Plan, Sample } from "../results/run.ts";
import { median } from "../statistics/median.ts";
import { createRandom } from "../statistics/random.ts";
import { membersOf, restless, startAll, type AliveServer, type Member } from "./alive.ts";
import { atFullSpeed } from "./load-server.ts";
import { failedSample, type Origin } from "./sample.ts";
import { searchAll } from "./search.ts";
import { RotatedWorkload, type Entrant, type Outcome, type WorkloadRequest } from "./workload.ts";

export interface GenerationRequest {
  plan: Plan;
  /** The cells of the group that are to get a sample. */
  cells: readonly PlannedCell[];
  generation: number;
  /** Why no other server is alive meanwhile; null when others may be. */
  alone: string | null;
  signal: AbortSignal;
  /** What loads the servers; a generator on this machine unless given. */
  startGenerator?: StartGenerator;
  onPhase(phase: string, cell: Cell): void;
}

/** Rejects with a Failure when nothing can be measured now. */
export type StartGenerator = () => Promise<Generator>;

export interface GenerationOutcome {
  /** Servers that do not keep quiet, which got no samples and have to be measured alone. */
  apart: { member: Member; reason: string }[];
}

/** Passes and slices count up from the first of them, and no two generations may meet the same arrivals. */
const SEEDS_OF_A_GENERATION = 1_000_000_000;
/** Warm-up beyond what an earlier generation needed. */
const WARMUP_MARGIN = 1.25;
const LEAST_WARMUP_SECONDS = 0.5;
/** A server that this process has loaded in the same way already only has to come back to it. */
const AGAIN_SECONDS = 0.25;
/** Between passes the other workloads have theirs, so that a slow spell of the machine hits all alike. */
const PASSES = 2;
const SETTLING_CYCLES = 1;
const STILL_WARMING = "a server was still becoming faster";
/** How often all cycles are taken again because a server was still warming up in them. */
const MOST_REPEATS = 2;

/**
 * Gives every cell its sample, except those of servers that do not keep quiet. Only an abort is thrown, or that there is
 * nothing to load them with, which includes agents that refuse to.
 */
export async function measureGeneration(request: GenerationRequest): Promise<GenerationOutcome> {
  const { plan, cells, generation, alone, signal } = request;
  const origin: Origin = {
    generation,
    seed: plan.seed + SEEDS_OF_A_GENERATION * generation,
    startedAt: new Date().toISOString(),
    measuredAlone: alone,
  };
  const apart: GenerationOutcome["apart"] = [];
  const [first] = cells;
  if (first === undefined) return { apart };
  const generator = (await request.startGenerator?.()) ?? startGenerator(plan.clientCpus);
  let alive: AliveServer[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all([generator.stop(), ...alive.map(({ server }) => server.stop())]);
  };
  signal.addEventListener("abort", stopAll);
  try {
    request.onPhase("starting", first.cell);
    const started = await startAll(membersOf(cells), plan);
    alive = started.alive;
    signal.throwIfAborted();
    for (const { member, reason, stderr } of started.notStarted)
      for (const { cell } of member.cells) keep(cell, failedSample(origin, reason), stderr);
    for (const [server, reason] of await restless(alive, signal)) {
      apart.push({ member: server, reason });
      await server.server.stop();
      alive = alive.filter((one) => one !== server);
    }
    await measureWorkloads(request, origin, alive, generator);
    return { apart };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Refusal) throw error;
    // The load generator failed, which says nothing about any server.
    const isApart = new Set(apart.flatMap(({ member }) => member.cells));
    for (const planned of cells)
      if (!isApart.has(planned) && !hasSample(planned.cell, generation))
        keep(planned.cell, { ...failedSample(origin, error), status: "invalid" }, []);
    return { apart };
  } finally {
    signal.removeEventListener("abort", stopAll);
    await stopAll();
  }
}

async function measureWorkloads(
  request: GenerationRequest,
  origin: Origin,
  alive: readonly AliveServer[],
  generator: Generator,
): Promise<void> {
  const { plan } = request;
  const requests = workloadRequests(request, origin, alive, generator);
  const cycles = Math.max(1, Math.round(plan.durationSeconds / plan.sliceSeconds));
  const rotated = requests.filter(({ workload }) => workload.objective === undefined);
  // Opening thousands of connections takes longer than a pass, so what has idle ones gets all of its cycles at once, and
  // so does what has nobody to take turns with.
  const isAtOnce = ({ workload }: WorkloadRequest): boolean =>
    rotated.length === 1 || !!workload.idleConnections;
  await measureInPasses(
    rotated.filter((one) => !isAtOnce(one)).map((one) => new RotatedWorkload(one)),
    cycles,
  );
  for (const one of rotated.filter(isAtOnce)) await measureAtOnce(new RotatedWorkload(one), cycles);
  for (const one of requests) {
    const { objective } = one.workload;
    if (objective !== undefined) await searchAll(one, objective, (outcome) => keepAll([outcome]));
  }
}

/** Each with the servers that it is for, and with how long each of them is warmed up at least. */
function workloadRequests(
  { plan, signal, onPhase }: GenerationRequest,
  origin: Origin,
  alive: readonly AliveServer[],
  generator: Generator,
): WorkloadRequest[] {
  const warmed = new Set<string>();
  const loaded = new Set<string>();
  return workloadsOf(alive, origin.seed).map(([workload, entries]) => {
    const entrants = entries.map((entry): Entrant => {
      const key = JSON.stringify([entry.name, atFullSpeed(workload.load)]);
      const least = warmed.has(key) ? AGAIN_SECONDS : leastWarmUp(entry, loaded.has(entry.name), plan);
      warmed.add(key);
      return { ...entry, warmupSeconds: Math.min(least, plan.warmupSeconds) };
    });
    for (const { name } of entrants) loaded.add(name);
    return {
      ...{ workload, entrants, plan, origin, generator, signal },
      onPhase: (phase, entrant) => onPhase(phase, entrant.planned.cell),
    };
  });
}

/** Warms every server up under every workload, and only then measures, in passes in which the workloads take turns. */
async function measureInPasses(workloads: readonly RotatedWorkload[], cycles: number): Promise<void> {
  for (const one of workloads) await one.warmUp();
  // Servers close the warm-up's connections and take new ones here for the first time, which makes V8 compile again.
  for (const one of workloads) {
    await one.pass(SETTLING_CYCLES);
    one.forget(null);
  }
  for (let repeat = 0, waiting = workloads; waiting.length > 0 && repeat <= MOST_REPEATS; repeat++) {
    await takePasses(waiting, cycles);
    waiting = repeat === MOST_REPEATS ? [] : waiting.filter((one) => one.isWarming());
    for (const one of waiting) one.forget(STILL_WARMING);
  }
  for (const one of workloads) keepAll(one.outcomes());
}

async function takePasses(workloads: readonly RotatedWorkload[], cycles: number): Promise<void> {
  const passes = Math.min(PASSES, cycles);
  for (let pass = 0; pass < passes; pass++) {
    const share = Math.round((cycles * (pass + 1)) / passes) - Math.round((cycles * pass) / passes);
    for (const one of workloads) await one.pass(share);
  }
}

async function measureAtOnce(workload: RotatedWorkload, cycles: number): Promise<void> {
  await workload.warmUpAndPass(cycles);
  for (let repeat = 0; repeat < MOST_REPEATS && workload.isWarming(); repeat++) {
    workload.forget(STILL_WARMING);
    await workload.pass(cycles);
  }
  keepAll(workload.outcomes());
}

function keepAll(outcomes: readonly Outcome[]): void {
  for (const { entrant, sample } of outcomes)
    keep(entrant.planned.cell, sample, sample.status === "failed" ? entrant.server.stderrTail() : []);
}

export function hasSample({ samples }: Cell, generation: number): boolean {
  return samples.some((sample) => sample.generation === generation);
}

function keep(cell: Cell, sample: Sample, stderr: string[]): void {
  cell.samples.push(sample);
  if (stderr.length > 0) cell.serverStderr = stderr;
}

/**
 * The workloads in an order that the seed gives, with the servers and cells of each. More idle connections come after
 * fewer, so that no server has had more than it is measured with, and searches come last, as they are measured.
 */
function workloadsOf(
  alive: readonly AliveServer[],
  seed: number,
): [Workload, (AliveServer & { planned: PlannedCell })[]][] {
  const entries = alive.flatMap((server) => server.cells.map((planned) => ({ ...server, planned })));
  const groups = Map.groupBy(entries, ({ planned: { cell } }) =>
    JSON.stringify([cell.scenario, cell.parameters]),
  );
  const shuffled = createRandom(seed).shuffle([...groups.values()]);
  return shuffled
    .flatMap((members): [Workload, typeof members][] => {
      const planned = members[0]?.planned;
      return planned === undefined ? [] : [[planned.scenario.workload(planned.cell.parameters), members]];
    })
    .toSorted(
      ([a], [b]) =>
        Number(a.objective !== undefined) - Number(b.objective !== undefined) ||
        (a.idleConnections ?? 0) - (b.idleConnections ?? 0),
    );
}

/**
 * The first generation finds out how long a server takes to warm up, and the others need not repeat the search. The first
 * workload of a process is loaded longest, because what happens once in a process happens in it.
 */
function leastWarmUp(
  { planned: { cell, settledElsewhere = [] } }: { planned: PlannedCell },
  isLaterWorkload: boolean,
  { warmupSeconds }: Plan,
): number {
  const own = cell.samples.flatMap(({ warmUp }) => (warmUp === null ? [] : [warmUp.settledAfterSeconds]));
  const seen = [...own, ...settledElsewhere];
  if (seen.length === 0 || seen.includes(null)) return isLaterWorkload ? warmupSeconds / 4 : warmupSeconds;
  const usual = median(seen as number[]);
  return Math.min(warmupSeconds, Math.max(LEAST_WARMUP_SECONDS, usual * WARMUP_MARGIN + AGAIN_SECONDS));
}
