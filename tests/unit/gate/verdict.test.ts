/** A verdict needs controls that behaved, and an environment that cannot tell says so. */
import { describe, expect, test } from "vitest";
import { EXIT_CODES, verdictOf } from "../../../harness/gate/verdict.ts";
import { USUAL_MARGINS } from "../../../harness/gate/endpoints.ts";
import { judge } from "../../../harness/gate/judge.ts";
import { NO_SLOWDOWN } from "../../../harness/gate/preload.ts";
import { PAIRS, type Pair } from "../../../harness/results/gate.ts";
import { createRandom, type Random } from "../../../harness/statistics/random.ts";
import { lookCounts, type Look, type Outcome } from "../../../harness/statistics/sequential.ts";
import { fixtureCell } from "../../fixtures/gate.ts";

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
    worst: null,
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

  /** The share of gates that end so when the head differs by so much; `headSpread` is its spread as a multiple of the base's. */
  function shareOf(wanted: string, difference: number, spread: number, headSpread = 1): number {
    const random = createRandom(Math.round(1e5 * (difference + spread + headSpread)));
    const trials = 2000;
    let count = 0;
    for (let trial = 0; trial < trials; trial++) {
      const cell = fixtureCell(0);
      for (const pair of PAIRS) cell.pairs[pair] = [{ id: "server-cpu", differences: [], look: null }];
      const record = {
        ...{ margins: USUAL_MARGINS, slowdowns: { a: NO_SLOWDOWN }, cells: [cell], blocks: 0 },
      };
      const add = (pair: Pair, value: number): void => void cell.pairs[pair][0]?.differences.push(value);
      let ending: string | null = null;
      for (const [look, wantedBlocks] of lookCounts(40).entries()) {
        if (ending !== null) break;
        for (; record.blocks < wantedBlocks; record.blocks++) {
          // All are measured against the same base, whose own luck they share.
          const base = (spread / Math.SQRT2) * normal(random);
          const own = (): number => (spread / Math.SQRT2) * normal(random);
          add("head", difference + headSpread * own() - base);
          add("base again", own() - base);
          add("base slowed", Math.log(1.05) + own() - base);
        }
        ending = judge(record, look)?.verdict ?? null;
      }
      if (ending === wanted) count += 1 / trials;
    }
    return count;
  }

  test.each([0.01, 0.02, 0.03])("call no change a failure in under 1 %, at a block SD of %f", (spread) => {
    expect(shareOf("fail", 0, spread)).toBeLessThan(0.01);
  });

  test("call no change a failure in under 1 %, also when the head spreads three times as much as the base", () => {
    expect(shareOf("fail", 0, 0.02, 3)).toBeLessThan(0.01);
  });

  test("pass where nothing changed", () => {
    expect(shareOf("pass", 0, 0.015)).toBeGreaterThan(0.95);
  });

  test("fail a change of 5 %", () => {
    expect(shareOf("fail", Math.log(1.05), 0.02)).toBeGreaterThan(0.95);
  });
});
