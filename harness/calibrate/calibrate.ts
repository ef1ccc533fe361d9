/**
 * The load generator's own error: it measures a server whose delays are known, and what it recorded is compared
 * with what it should have. Every case runs in several rounds, in shuffled order.
 */
import { PROTOCOLS } from "../contract.ts";
import type { Calibration, CalibrationRow } from "../results/calibration.ts";
import { startGenerator } from "../children/generator/generator.ts";
import { createRandom } from "../statistics/random.ts";
import { DELAY_CASES, NEAREST_TO_STOP, STOP, type DelayCase } from "./delay-cases.ts";
import { isOnlyTailOutside, rowsOf } from "./compare.ts";
import { Disturbance } from "./expected.ts";
import { untilIdle } from "./disturbance.ts";
import { measureTransport } from "./reference.ts";
import {
  GeneratorFault,
  observeDelays,
  observeStop,
  type Observation,
  type Tools,
} from "./calibration-sample.ts";

const REFERENCE_SECONDS = 0.15;
/** A stop takes three times as long as another sample and needs fewer: every so many rounds. */
const ROUNDS_PER_STOP = 2;
/** Disturbed samples are taken again at the end, when the disturbance may be over: this many for each sample planned. */
const RETAKES_PER_SAMPLE = 1;
/** Each attempt at a sample has a seed of its own. */
const SEEDS_PER_ROUND = 1000;

/**
 * Rounds that a case gets beyond its share when nothing but its tail is outside: the least disturbed window decides about
 * a tail, and there may have been no undisturbed one yet. A tail that the generator gets wrong is wrong in these too.
 */
const MORE_ROUNDS_FOR_TAILS = 10;

export interface CalibrateOptions {
  seed: number;
  rounds: number;
  serverCpus: readonly number[];
  clientCpus: readonly number[];
  /** How long all retakes together may wait for other processes of this machine to end. */
  idleWaitLimitSeconds: number;
  /** Ends the calibration after the sample in hand; the signal's reason is then thrown. */
  signal: AbortSignal;
  onStep(done: number, total: number, what: string): void;
}

export type Outcome = Pick<Calibration, "verdict" | "reason" | "retakes" | "rows">;

type Wait = "block" | "spin";

/** One server under one loop; `delays` is null for the server that is stopped. */
interface Step {
  protocol: CalibrationRow["protocol"];
  loop: CalibrationRow["loop"];
  delays: DelayCase | null;
}

const STEPS: readonly Step[] = PROTOCOLS.flatMap((protocol) =>
  (["closed", "open"] as const).flatMap((loop) =>
    [...DELAY_CASES, null].map((delays) => ({ protocol, loop, delays })),
  ),
);
const TRANSPORTS = DELAY_CASES.flatMap((delays) =>
  (["block", "spin"] as const).map((wait) => ({ delays, wait })),
);

/** Something to measure; what it observed goes where `Gathered` keeps it. */
interface Task {
  name: string;
  measure(attempt: number): Promise<void>;
}

interface Gathered {
  /** By case and way of waiting; the costs of all rounds together. */
  costsNs: Map<string, number[]>;
  observations: Map<Step, Observation[]>;
}

/** The retakes of disturbed samples so far, and how many more, and how much waiting, are allowed. */
interface RetakeBudget {
  retakes: string[];
  mostRetakes: number;
  waitLeftSeconds: number;
}

/** Interference from other processes disturbed more samples than may be taken again. */
class MachineTooBusy extends Error {}

export async function calibrate(options: CalibrateOptions): Promise<Outcome> {
  const { serverCpus, clientCpus } = options;
  const generator = startGenerator(clientCpus);
  const gathered: Gathered = {
    costsNs: new Map(TRANSPORTS.map(({ delays, wait }) => [costsKey(delays, wait), []])),
    observations: new Map(STEPS.map((step) => [step, []])),
  };
  const tools: Tools = { generator, serverCpus, clientCpus };
  const tasks = tasksOf(options, tools, gathered);
  const retakes: string[] = [];
  const mostRetakes = Math.ceil(tasks.length * RETAKES_PER_SAMPLE);
  const budget: RetakeBudget = { retakes, mostRetakes, waitLeftSeconds: options.idleWaitLimitSeconds };
  try {
    await measureAll(tasks, options, budget);
    for (let more = 0; more < MORE_ROUNDS_FOR_TAILS; more++) {
      const doubtful = STEPS.filter((step) => isOnlyTailOutside(rowsOfStep(step, gathered)));
      const seed = options.seed + SEEDS_PER_ROUND * (options.rounds + more);
      await measureAll(
        doubtful.map((step) => stepTask(step, tools, gathered, seed)),
        options,
        budget,
      );
    }
    const rows = STEPS.flatMap((step) => rowsOfStep(step, gathered));
    const wrong = rows.filter(({ passed }) => !passed).length;
    const reason = wrong === 0 ? null : `${wrong} of ${rows.length} comparisons are outside their limits.`;
    return { verdict: wrong === 0 ? "passed" : "failed", reason, retakes, rows };
  } catch (error) {
    if (error instanceof GeneratorFault)
      return { verdict: "failed", reason: `The generator is wrong: ${error.message}.`, retakes, rows: [] };
    if (error instanceof MachineTooBusy)
      return { verdict: "inconclusive", reason: error.message, retakes, rows: [] };
    throw error;
  } finally {
    await generator.stop();
  }
}

/** Every round measures everything once, stops less often, in an order of its own. */
function tasksOf({ seed, rounds }: CalibrateOptions, tools: Tools, gathered: Gathered): Task[] {
  const random = createRandom(seed);
  return Array.from({ length: rounds }, (_value, round) => {
    const roundSeed = seed + SEEDS_PER_ROUND * round;
    const due = STEPS.filter(({ delays }) => delays !== null || round % ROUNDS_PER_STOP === 0);
    return random.shuffle([
      ...TRANSPORTS.map((transport) => transportTask(transport, tools, gathered, roundSeed)),
      ...due.map((step) => stepTask(step, tools, gathered, roundSeed)),
    ]);
  }).flat();
}

function transportTask(
  { delays, wait }: (typeof TRANSPORTS)[number],
  { serverCpus, clientCpus }: Tools,
  { costsNs }: Gathered,
  seed: number,
): Task {
  return {
    name: `reference ${delays.name} ${wait}`,
    measure: async (attempt) => {
      const request = { delays: delays.delays, connections: delays.closedConnections, wait };
      const plan = { durationSeconds: REFERENCE_SECONDS, seed: seed + attempt, serverCpus, clientCpus };
      costsNs.get(costsKey(delays, wait))?.push(...(await measureTransport({ ...request, ...plan })));
    },
  };
}

function stepTask(step: Step, tools: Tools, { observations }: Gathered, seed: number): Task {
  const { protocol, loop, delays } = step;
  return {
    name: `${protocol} ${loop} ${delays?.name ?? STOP.name}`,
    measure: async (attempt) => {
      const request = { protocol, loop, seed: seed + attempt };
      const observation =
        delays === null ? await observeStop(tools, request) : await observeDelays(tools, delays, request);
      observations.get(step)?.push(observation);
    },
  };
}

async function measureAll(
  tasks: readonly Task[],
  { signal, onStep }: CalibrateOptions,
  budget: RetakeBudget,
): Promise<void> {
  const waiting = tasks.map((task) => ({ task, attempt: 0 }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { task, attempt } = next;
    signal.throwIfAborted();
    onStep(tasks.length - waiting.length - 1, tasks.length, task.name);
    try {
      await task.measure(attempt);
    } catch (error) {
      if (!(error instanceof Disturbance)) throw error;
      if (budget.retakes.length === budget.mostRetakes)
        throw new MachineTooBusy(
          `The machine is too busy to calibrate on: ${budget.retakes.length + 1} samples were disturbed, ` +
            `the last (${task.name}) because ${error.message}. Stop other processes on this machine, then calibrate again.`,
          { cause: error },
        );
      budget.retakes.push(`${task.name}: ${error.message}`);
      waiting.push({ task, attempt: attempt + 1 });
      budget.waitLeftSeconds -= await untilIdle(budget.waitLeftSeconds);
    }
  }
  onStep(tasks.length, tasks.length, "done");
}

function rowsOfStep(step: Step, { costsNs, observations }: Gathered): CalibrationRow[] {
  const { protocol, loop, delays } = step;
  // A stopped server answers at once when it runs, much like the short delays of this case.
  const costs = costsNs.get(costsKey(delays ?? NEAREST_TO_STOP, loop === "open" ? "spin" : "block")) ?? [];
  const findings = (observations.get(step) ?? []).map((observation) => observation.compare(costs));
  return rowsOf({ protocol, loop, delays: delays?.name ?? STOP.name }, findings);
}

function costsKey({ name }: DelayCase, wait: Wait): string {
  return `${name} ${wait}`;
}
