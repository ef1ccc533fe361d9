/**
 * The load generator's own error: it measures a server whose delays are known, and what it recorded is held against
 * what it should have. Every case runs in several rounds, in shuffled order.
 */
import { PROTOCOLS } from "../contract.ts";
import type { Calibration, CalibrationRow } from "../results/calibration.ts";
import { startGenerator } from "../run/generator.ts";
import { createRandom } from "../statistics/random.ts";
import { DELAY_CASES, NEAREST_TO_STOP, STOP, type DelayCase } from "./cases.ts";
import { rowsOf } from "./compare.ts";
import { Disturbance } from "./expected.ts";
import { untilIdle } from "./machine.ts";
import { measureTransport } from "./reference.ts";
import { GeneratorFault, observeDelays, observeStop, type Observation, type Tools } from "./sample.ts";

const REFERENCE_SECONDS = 0.15;
/** A stop takes three times as long as another sample and needs fewer: every so many rounds. */
const ROUNDS_PER_STOP = 2;
/** Disturbed samples are taken again at the end, when the disturbance may be over: this many for each sample planned. */
const RETAKES_PER_SAMPLE = 1;

export interface CalibrateOptions {
  seed: number;
  rounds: number;
  serverCpus: readonly number[];
  clientCpus: readonly number[];
  /** How long all retakes together may wait for others to finish what they do on this machine. */
  patienceSeconds: number;
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

/** The machine never left the measured processes alone for long enough. */
class Restless extends Error {}

export async function calibrate(options: CalibrateOptions): Promise<Outcome> {
  const { serverCpus, clientCpus } = options;
  const generator = startGenerator(clientCpus);
  const gathered: Gathered = {
    costsNs: new Map(TRANSPORTS.map(({ delays, wait }) => [costsKey(delays, wait), []])),
    observations: new Map(STEPS.map((step) => [step, []])),
  };
  const retakes: string[] = [];
  try {
    await measureAll(tasksOf(options, { generator, serverCpus, clientCpus }, gathered), options, retakes);
    const rows = STEPS.flatMap((step) => rowsOfStep(step, gathered));
    const wrong = rows.filter(({ passed }) => !passed).length;
    const reason = wrong === 0 ? null : `${wrong} of ${rows.length} comparisons are outside their limits.`;
    return { verdict: wrong === 0 ? "passed" : "failed", reason, retakes, rows };
  } catch (error) {
    if (error instanceof GeneratorFault)
      return { verdict: "failed", reason: `The generator is wrong: ${error.message}.`, retakes, rows: [] };
    if (error instanceof Restless)
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
    const seedOf = (attempt: number): number => seed + 100 * round + attempt;
    const transports = TRANSPORTS.map(({ delays, wait }): Task => ({
      name: `reference ${delays.name} ${wait}`,
      measure: async (attempt) => {
        const { serverCpus, clientCpus } = tools;
        const request = { delays: delays.delays, connections: delays.closedConnections, wait };
        const plan = { durationSeconds: REFERENCE_SECONDS, seed: seedOf(attempt), serverCpus, clientCpus };
        const costs = await measureTransport({ ...request, ...plan });
        gathered.costsNs.get(costsKey(delays, wait))?.push(...costs);
      },
    }));
    const due = STEPS.filter(({ delays }) => delays !== null || round % ROUNDS_PER_STOP === 0);
    const steps = due.map((step): Task => ({
      name: `${step.protocol} ${step.loop} ${step.delays?.name ?? STOP.name}`,
      measure: async (attempt) => {
        const request = { protocol: step.protocol, loop: step.loop, seed: seedOf(attempt) };
        const observation =
          step.delays === null
            ? await observeStop(tools, request)
            : await observeDelays(tools, step.delays, request);
        gathered.observations.get(step)?.push(observation);
      },
    }));
    return random.shuffle([...transports, ...steps]);
  }).flat();
}

async function measureAll(
  tasks: readonly Task[],
  { patienceSeconds, signal, onStep }: CalibrateOptions,
  retakes: string[],
): Promise<void> {
  const waiting = tasks.map((task) => ({ task, attempt: 0 }));
  let leftSeconds = patienceSeconds;
  const allowed = Math.ceil(tasks.length * RETAKES_PER_SAMPLE);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { task, attempt } = next;
    signal.throwIfAborted();
    onStep(tasks.length - waiting.length - 1, tasks.length, task.name);
    try {
      await task.measure(attempt);
    } catch (error) {
      if (!(error instanceof Disturbance)) throw error;
      if (retakes.length === allowed)
        throw new Restless(
          `The machine is too busy to calibrate on: ${allowed + 1} samples of ${tasks.length} were disturbed, ` +
            `the last (${task.name}) because ${error.message}. Stop what else runs here, then calibrate again.`,
          { cause: error },
        );
      retakes.push(`${task.name}: ${error.message}`);
      waiting.push({ task, attempt: attempt + 1 });
      leftSeconds -= await untilIdle(leftSeconds);
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
