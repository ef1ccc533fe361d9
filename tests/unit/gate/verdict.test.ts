/** A verdict needs controls that behaved, and an environment that cannot tell says so. */
import { describe, expect, test } from "vitest";
import { EXIT_CODES, verdictOf } from "../../../harness/gate/verdict.ts";
import { createRandom, type Random } from "../../../harness/statistics/random.ts";
import {
  lookAt,
  lookCounts,
  LOOKS,
  type Look,
  type Outcome,
} from "../../../harness/statistics/sequential.ts";

const MARGINS = { ignorable: Math.log(1.02), mustCatch: Math.log(1.05) };

const look = (outcome: Outcome): Look => ({
  ...{ count: 10, estimate: 0, low: 0, high: 0, standardDeviation: 0.01 },
  outcome,
});

function verdict(
  endpoint: Outcome,
  negative: Outcome,
  positive: Outcome | null,
  isLast = false,
): string | null {
  const found = verdictOf({
    endpoints: [look("fine"), look(endpoint)],
    negative: [look(negative)],
    positive: positive === null ? null : [look(positive)],
    isLast,
  });
  return found?.verdict ?? null;
}

describe("the gate", () => {
  test("fails when one endpoint is worse and the base is like itself", () => {
    expect(verdict("worse", "fine", "open")).toBe("fail");
    expect(verdict("worse", "open", null)).toBe("fail");
  });

  test("cannot tell when the base is worse than itself, too", () => {
    expect(verdict("worse", "worse", "worse")).toBe("environment");
    expect(verdict("fine", "worse", "worse", true)).toBe("environment");
  });

  test("passes only when the slowed base was caught", () => {
    expect(verdict("fine", "fine", "worse")).toBe("pass");
    expect(verdict("fine", "fine", "open")).toBeNull();
    expect(verdict("fine", "fine", "fine", true)).toBe("environment");
  });

  test("passes without a slowed base where none can be had", () => {
    expect(verdict("fine", "fine", null)).toBe("pass");
  });

  test("goes on while anything is open, and is inconclusive when it may not", () => {
    expect(verdict("open", "fine", "worse")).toBeNull();
    expect(verdict("open", "fine", "worse", true)).toBe("inconclusive");
  });

  test("has an exit code for each verdict", () => {
    expect(EXIT_CODES).toEqual({ pass: 0, fail: 1, inconclusive: 3, environment: 4 });
  });
});

describe("whole gates with both controls", () => {
  function normal(random: Random): number {
    return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  }

  /** `controlsIn` is the share of the blocks in which the controls run. */
  function shareOf(wanted: string, difference: number, spread: number, controlsIn: number): number {
    const random = createRandom(Math.round(1e5 * (difference + spread + controlsIn)));
    const trials = 2000;
    const counts = lookCounts(40);
    let count = 0;
    for (let trial = 0; trial < trials; trial++) {
      const head: number[] = [];
      const same: number[] = [];
      const slowed: number[] = [];
      let ending: string | null = null;
      for (let look = 0; look < LOOKS.length && ending === null; look++) {
        while (head.length < (counts[look] ?? 0)) {
          // All are measured against the same base, whose own luck they share.
          const base = (spread / Math.SQRT2) * normal(random);
          const own = (): number => (spread / Math.SQRT2) * normal(random) - base;
          head.push(difference + own());
          if (head.length * controlsIn > same.length) {
            same.push(own());
            slowed.push(MARGINS.mustCatch + own());
          }
        }
        const at = (values: readonly number[]): Look => lookAt(values, look, MARGINS);
        const isLast = look === LOOKS.length - 1;
        ending =
          verdictOf({ endpoints: [at(head)], negative: [at(same)], positive: [at(slowed)], isLast })
            ?.verdict ?? null;
      }
      if (ending === wanted) count += 1 / trials;
    }
    return count;
  }

  test.each([1, 0.5])(
    "with controls in %f of the blocks call no change a failure in under 1 %",
    (controlsIn) => {
      for (const spread of [0.01, 0.02, 0.03])
        expect(shareOf("fail", 0, spread, controlsIn)).toBeLessThan(0.01);
    },
  );

  test.each([1, 0.5])("with controls in %f of the blocks pass where nothing changed", (controlsIn) => {
    expect(shareOf("pass", 0, 0.015, controlsIn)).toBeGreaterThan(0.95);
  });

  test.each([1, 0.5])("with controls in %f of the blocks fail a change of 5 %", (controlsIn) => {
    expect(shareOf("fail", MARGINS.mustCatch, 0.02, controlsIn)).toBeGreaterThan(0.95);
  });
});
