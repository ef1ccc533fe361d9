/**
 * The verdict on one sample: may its number be believed? Every check records what it saw and its limit, so that a
 * reader can disagree. Adding a check means writing its object and naming it here.
 */
import type { Check, Validity } from "../results/run.ts";
import { backEndProved } from "./back-end.ts";
import { applyCheck, type CheckDefinition, type Observation } from "./check.ts";
import {
  agentsTogether,
  clientKeptWaiting,
  clientSaturated,
  integrity,
  littlesLaw,
  rateOffered,
  sendLag,
} from "./generator-checks.ts";
import { acceptQueue, cpuPressure, steal } from "./machine-checks.ts";
import { steadyState } from "./steady-state.ts";

/** In the order in which reports show them. */
export const CHECKS: readonly CheckDefinition[] = [
  integrity,
  agentsTogether,
  clientSaturated,
  clientKeptWaiting,
  rateOffered,
  sendLag,
  littlesLaw,
  steadyState,
  backEndProved,
  steal,
  cpuPressure,
  acceptQueue,
];

/** The definition of a check on record; undefined for one that this version does not know. */
export function definitionOf({ id }: Pick<Check, "id">): CheckDefinition | undefined {
  return CHECKS.find((definition) => definition.id === id);
}

export function judge(observation: Observation): Validity {
  const judged = CHECKS.map((definition) => ({ definition, check: applyCheck(definition, observation) }));
  const failed = judged.filter(({ check }) => check !== null && !check.passed);
  const consequences = new Set(failed.map(({ definition }) => definition.consequence));
  const worst = (["invalid", "not-steady", "client-limited"] as const).find((one) => consequences.has(one));
  return {
    verdict: worst ?? "valid",
    checks: judged.map(({ check }) => check).filter((check) => check !== null),
  };
}

/** Why a sample is not valid, in one line; null when it is. */
export function reasonOf(validity: Validity): string | null {
  const failed = validity.checks.filter((check) => !check.passed);
  return failed.length === 0 ? null : failed.map((check) => check.message).join("; ");
}
