/**
 * The load generator's own error: it measures a server whose delays are known, and what it recorded is compared
 * with what it should have. Every case runs in several rounds, in shuffled order, and each sample stands between two of a
 * reference client on the same kind of server, so that the machine's own speed is in both and cancels out.
 */
import { STREAM_PROTOCOLS } from "../contract.ts";
import type { Calibration, CalibrationRow } from "../results/calibration.ts";
import { startGenerator } from "../children/generator/generator.ts";
import { createRandom } from "../statistics/random.ts";
import { DELAY_CASES, NEAREST_TO_STOP, STOP, type DelayCase } from "./delay-cases.ts";
import { isUnclear, rowsOf, type Finding } from "./compare.ts";
import { Disturbance } from "./expected.ts";
import { untilIdle } from "./disturbance.ts";
import { measureTransport } from "./reference.ts";
import type { TransportCost } from "./expected.ts";
import { GeneratorFault, observeDelays, observeStop, type Tools } from "./calibration-sample.ts";

const REFERENCE_SECONDS = 0.1;
/** A stop takes three times as long as another sample and needs fewer: every so many rounds. */
const ROUNDS_PER_STOP = 2;
/** Disturbed samples are taken again at the end, when the disturbance may be over: this many for each sample planned. */
const RETAKES_PER_SAMPLE = 1;
/** Each attempt at a sample has a seed of its own. */
const SEEDS_PER_ROUND = 1000;

/** Rounds that a case gets beyond its share while they cannot tell the generator's error from the machine's. */
const MORE_ROUNDS = 10;

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

/** One server under one loop; `delays` is null for the server that is stopped. */
interface Step {
  protocol: CalibrationRow["protocol"];
  loop: CalibrationRow["loop"];
  delays: DelayCase | null;
}

const STEPS: readonly Step[] = STREAM_PROTOCOLS.flatMap((protocol) =>
  (["closed", "open"] as const).flatMap((loop) =>
    [...DELAY_CASES, null].map((delays) => ({ protocol, loop, delays })),
  ),
);
/** Something to measure; what was found goes where `Gathered` keeps it. */
interface Task {
  name: string;
  measure(attempt: number): Promise<void>;
}

/** What was found, by step, one entry for each round. */
type Gathered = Map<Step, Finding[][]>;

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
  const gathered: Gathered = new Map(STEPS.map((step) => [step, []]));
  const tools: Tools = { generator, serverCpus, clientCpus };
  const tasks = tasksOf(options, tools, gathered);
  const retakes: string[] = [];
  const mostRetakes = Math.ceil(tasks.length * RETAKES_PER_SAMPLE);
  const budget: RetakeBudget = { retakes, mostRetakes, waitLeftSeconds: options.idleWaitLimitSeconds };
  try {
    await measureAll(tasks, options, budget);
    for (let more = 0; more < MORE_ROUNDS; more++) {
      const doubtful = STEPS.filter((step) => isUnclear(rowsOfStep(step, gathered)));
      const seed = options.seed + SEEDS_PER_ROUND * (options.rounds + more);
      await measureAll(
        doubtful.map((step) => stepTask(step, tools, gathered, seed)),
        options,
        budget,
      );
    }
    return { ...verdictOf(STEPS.flatMap((step) => rowsOfStep(step, gathered))), retakes };
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

function verdictOf(rows: CalibrationRow[]): Pick<Outcome, "verdict" | "reason" | "rows"> {
  const count = (outcome: CalibrationRow["outcome"]): number =>
    rows.filter((row) => row.outcome === outcome).length;
  const [failed, unclear] = [count("failed"), count("unclear")];
  if (failed > 0) {
    const reason = `${failed} of ${rows.length} comparisons are outside their limits.`;
    return { verdict: "failed", reason, rows };
  }
  if (unclear === 0) return { verdict: "passed", reason: null, rows };
  return {
    verdict: "inconclusive",
    reason:
      `In ${unclear} of ${rows.length} comparisons the rounds differ by too much to tell an error of the generator from the ` +
      `machine's. Calibrate again when the machine is quiet, or with more --rounds.`,
    rows,
  };
}

/** Every round measures everything once, stops less often, in an order of its own. */
function tasksOf({ seed, rounds }: CalibrateOptions, tools: Tools, gathered: Gathered): Task[] {
  const random = createRandom(seed);
  return Array.from({ length: rounds }, (_value, round) => {
    const due = STEPS.filter(({ delays }) => delays !== null || round % ROUNDS_PER_STOP === 0);
    const steps = due.map((step) => stepTask(step, tools, gathered, seed + SEEDS_PER_ROUND * round));
    return random.shuffle(steps);
  }).flat();
}

/** A sample of the generator between two of the reference client. */
function stepTask(step: Step, tools: Tools, gathered: Gathered, seed: number): Task {
  const { protocol, loop, delays } = step;
  const { serverCpus, clientCpus } = tools;
  // A stopped server answers at once when it runs, much like the short delays of this case.
  const transport = delays ?? NEAREST_TO_STOP;
  const reference = (attempt: number): Promise<TransportCost[]> =>
    measureTransport({
      ...{ delays: transport.delays, connections: transport.closedConnections },
      ...{ wait: loop === "open" ? "spin" : "block", durationSeconds: REFERENCE_SECONDS },
      ...{ seed: seed + attempt, serverCpus, clientCpus },
    });
  return {
    name: `${protocol} ${loop} ${delays?.name ?? STOP.name}`,
    measure: async (attempt) => {
      const before = await reference(attempt);
      const request = { protocol, loop, seed: seed + attempt };
      const observation =
        delays === null ? await observeStop(tools, request) : await observeDelays(tools, delays, request);
      const costs = [...before, ...(await reference(attempt))];
      gathered.get(step)?.push(observation.compare(costs));
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

function rowsOfStep(step: Step, gathered: Gathered): CalibrationRow[] {
  const { protocol, loop, delays } = step;
  return rowsOf({ protocol, loop, delays: delays?.name ?? STOP.name }, gathered.get(step) ?? []);
}
