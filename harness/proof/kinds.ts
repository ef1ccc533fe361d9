/** What is done to a head in a trial, so that the right verdict is known beforehand. */
import { NO_SLOWDOWN } from "../gate/preload.ts";
import type { Slowdown, Verdict } from "../results/gate.ts";

export interface TrialKind {
  name: string;
  /** In a table: what is different in the head. */
  title: string;
  /** What the head gets, from the rounds of a loop at each read that cost 5 % of an operation. */
  slowdown(loopsForFivePercent: number): Slowdown;
  scenario: string;
  /** What the gate is to say; null where both a pass and a failure are right, for the change lies between the margins. */
  right: Verdict | null;
  /** Trials that are taken of it before any kind gets more, as a multiple of the others'. */
  weight: number;
}

const cpu = (percent: number, right: Verdict | null, weight: number): TrialKind => ({
  name: `cpu-${percent}`,
  title: `${percent} % more CPU time for each operation`,
  slowdown: (loops) => ({ ...NO_SLOWDOWN, loops: Math.round((loops * percent) / 5) }),
  ...{ scenario: "echo", right, weight },
});

export const TRIAL_KINDS: readonly TrialKind[] = [
  {
    ...{ name: "same", title: "nothing: the base itself" },
    ...{ slowdown: () => NO_SLOWDOWN, scenario: "echo", right: "pass", weight: 10 },
  },
  cpu(5, "fail", 10),
  cpu(2, null, 2),
  cpu(3, null, 2),
  cpu(10, "fail", 2),
  cpu(20, "fail", 1),
  {
    ...{ name: "call", title: "one more system call (getppid) for each read" },
    ...{ slowdown: () => ({ ...NO_SLOWDOWN, calls: 1 }), scenario: "echo", right: "fail", weight: 2 },
  },
  {
    ...{ name: "tail", title: "2 ms of sleep in 2 % of the requests" },
    slowdown: () => ({ ...NO_SLOWDOWN, pauseUs: 2000, pauseEvery: 50 }),
    ...{ scenario: "latency", right: "fail", weight: 2 },
  },
];

/** The kind that is furthest behind what its weight asks for. */
export function nextKind(done: ReadonlyMap<string, number>): TrialKind {
  const behind = (kind: TrialKind): number => (done.get(kind.name) ?? 0) / kind.weight;
  const [first, ...others] = TRIAL_KINDS;
  if (first === undefined) throw new RangeError("There is no kind of trial.");
  return others.reduce((next, kind) => (behind(kind) < behind(next) ? kind : next), first);
}
