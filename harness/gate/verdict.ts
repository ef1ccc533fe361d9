/**
 * What the gate says of a change, from its endpoints and from its own controls. A verdict counts only where the controls
 * show that this machine can tell: the base measured against itself must stay quiet, and the base slowed down by the least
 * that must be caught has to be caught.
 */
import type { Verdict } from "../results/gate.ts";
import type { Look } from "../statistics/sequential.ts";

export interface Looks {
  /** One for each thing that is compared, head against base; positive is worse. */
  endpoints: readonly Look[];
  /** The same of the base against another process of the base. */
  negative: readonly Look[];
  /** The slowed base against the base in what slowing it changes, all of which must be caught; null where none can be slowed. */
  positive: readonly Look[] | null;
  /** The endpoint that is worst and by how much, in words; null where none is worse. */
  worst: string | null;
  isLast: boolean;
}

/** The verdict with its reason in a sentence; null when the next look may tell more. */
export function verdictOf(looks: Looks): { verdict: Verdict; reason: string } | null {
  const { endpoints, negative, positive, worst, isLast } = looks;
  if (endpoints.length === 0) throw new RangeError("A gate compares at least one thing.");
  const isQuiet = negative.every(({ outcome }) => outcome !== "worse");
  const isCaught =
    positive === null || (positive.length > 0 && positive.every(({ outcome }) => outcome === "worse"));
  const isWorse = endpoints.some(({ outcome }) => outcome === "worse");
  if (!isQuiet && (isWorse || isLast))
    return environment(
      "the base came out worse than itself, so this machine sees changes where there are none",
    );
  if (isWorse)
    return {
      verdict: "fail",
      reason: `The head is worse than the base by more than is ignorable${worst === null ? "" : ` (${worst})`}.`,
    };
  if (isQuiet && isCaught && endpoints.every(({ outcome }) => outcome === "fine"))
    return { verdict: "pass", reason: "The head is not worse than the base by what must be caught." };
  if (!isLast) return null;
  if (!isCaught)
    return environment(
      "the base that was slowed down on purpose was not caught, so a slower head would not be either",
    );
  return {
    verdict: "inconclusive",
    reason: "The difference is too near the margins, or spreads too much, for so many blocks.",
  };
}

function environment(reason: string): { verdict: Verdict; reason: string } {
  return { verdict: "environment", reason: `This environment cannot tell: ${reason}.` };
}

export const EXIT_CODES: Record<Verdict, number> = { pass: 0, fail: 1, inconclusive: 3, environment: 4 };
