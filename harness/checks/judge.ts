/**
 * The verdict on one sample: may its number be believed? Every check records what it saw and its limit, so that a
 * reader can disagree. The limits stand beside the checks, fixed before anything is measured.
 */
import type { Loop } from "../contract.ts";
import type { Check, CountersSeen, LoadResult, MachineSeen, Validity } from "../results/run.ts";
import { countedWaits } from "./back-end.ts";
import {
  clientKeptWaiting,
  clientSaturation,
  integrity,
  littlesLaw,
  rateOffered,
  sendLag,
} from "./generator-checks.ts";
import { acceptQueue, cpuPressure, steal } from "./machine-checks.ts";
import { stationary } from "./steady-state.ts";

export interface Observation {
  loop: Loop;
  load: LoadResult;
  /** What the server counted in the window; null when it counts nothing. */
  counters: CountersSeen | null;
  serverCpuCount: number;
  /** Null when the caller judges the machine by limits of its own. */
  machine: MachineSeen | null;
}

export function judge(observation: Observation): Validity {
  const { loop, load, machine } = observation;
  const limits = [clientSaturation(observation), clientKeptWaiting(observation)];
  const checks: (Check | null)[] = [
    integrity(load),
    ...limits,
    loop === "open" ? rateOffered(load) : null,
    loop === "open" ? sendLag(load) : null,
    loop === "closed" ? littlesLaw(load) : null,
    stationary(load),
    countedWaits(observation.counters),
    machine === null ? null : steal(machine),
    machine === null ? null : cpuPressure(machine),
    machine === null || loop !== "churn" ? null : acceptQueue(machine),
  ];
  const made = checks.filter((check) => check !== null);
  const failed = made.filter(({ passed }) => !passed);
  const isInvalid = failed.some((check) => !limits.includes(check));
  const isLimited = failed.length > 0;
  return { verdict: isInvalid ? "invalid" : isLimited ? "client-limited" : "valid", checks: made };
}

/** Why a sample is not valid, in one line; null when it is. */
export function reasonOf(validity: Validity): string | null {
  const failed = validity.checks.filter((check) => !check.passed);
  return failed.length === 0 ? null : failed.map((check) => check.message).join("; ");
}
