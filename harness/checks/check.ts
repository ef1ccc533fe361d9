/**
 * What a check is: one object that says what it compares with which limit, on which side of the limit it passes, and
 * what follows when it does not. Whoever needs a check imports the object; its words are for readers only.
 */
import type { Loop } from "../contract.ts";
import type { Check, CountersSeen, LoadResult, MachineSeen, WarmUp } from "../results/run.ts";
import type { Objective } from "../results/objective.ts";

/** What is known of one sample when it is judged. */
export interface Observation {
  loop: Loop;
  load: LoadResult;
  /** What the server counted in the window; null when it counts nothing. */
  counters: CountersSeen | null;
  serverCpuCount: number;
  /** Null when the caller judges the machine by limits of its own. */
  machine: MachineSeen | null;
  /** What the latency is searched under while the search goes on; the load carries it when the search is over. */
  objective?: Objective;
  /** How the server came to its speed, and its cost in each cycle; absent for a load that is no rotation's. */
  steadiness?: { warmUp: WarmUp; costs: readonly number[] };
}

export interface Reading {
  /** What was observed; null when it could not be. */
  value: number | null;
  /** A limit that follows from the sample; the definition's own unless given. */
  limit?: number | null;
  /** The check in a sentence, with its numbers. */
  message: string;
  /** Passes whatever the value, or not, where more than one number decides. */
  passed?: boolean;
}

/** `Needs` is the part of an observation that the check looks at. */
export interface CheckDefinition<Needs = Observation> {
  /** How a result and other programs name it; it never changes. */
  id: string;
  /** How a reader names it. */
  title: string;
  /** What it compares, in one sentence. */
  compares: string;
  /** The side of the limit on which it passes, the limit included. */
  passes: "at most" | "at least";
  /** Fixed before anything is measured; null when it follows from the sample. */
  limit: number | null;
  /**
   * `client-limited`: the number is a lower bound, because the generator was the limit. `not-steady`: the server was still
   * becoming faster, so the number has no rank.
   */
  consequence: "invalid" | "not-steady" | "client-limited";
  /** Whether a sample passes in which the value could not be observed. */
  passesUnobserved: boolean;
  /** Null when it does not apply to the observation. */
  observe(observation: Needs): Reading | null;
}

/** The check's record for an observation; null when it does not apply. */
export function applyCheck<Needs>(definition: CheckDefinition<Needs>, observation: Needs): Check | null {
  const reading = definition.observe(observation);
  return reading === null ? null : recordOf(definition, reading);
}

export function recordOf(
  definition: Omit<CheckDefinition, "observe">,
  { value, limit = definition.limit, message, passed }: Reading,
): Check {
  return { id: definition.id, passed: passed ?? isWithin(definition, value, limit), value, limit, message };
}

function isWithin(
  { passes, passesUnobserved }: Omit<CheckDefinition, "observe">,
  value: number | null,
  limit: number | null,
): boolean {
  if (value === null) return passesUnobserved;
  if (limit === null) return true;
  return passes === "at most" ? value <= limit : value >= limit;
}
