/** What a window looks like in which the server was not in a steady state, and what only looks like it. */
import { describe, expect, test } from "vitest";
import type { Check, LoadResult } from "../../../harness/results/run.ts";
import { applyCheck } from "../../../harness/checks/check.ts";
import { steadyState } from "../../../harness/checks/steady-state.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

const STEP_SECONDS = 0.01;

/** A window with this many operations in each step of 10 ms. */
function check(counts: readonly number[], meanInFlight = 8, windowSeconds?: number): Check {
  let total = 0;
  const series = counts.map((count) => (total += count));
  const load = {
    ...{ series, operations: total, meanInFlight, seriesStepSeconds: STEP_SECONDS },
    windowSeconds: windowSeconds ?? counts.length * STEP_SECONDS,
  } as LoadResult;
  return applyCheck(steadyState, { load }) as Check;
}

/** `length` steps, the count of each by its place from 0 to 1. */
function steps(length: number, count: (place: number) => number): number[] {
  return Array.from({ length }, (_, index) => Math.round(count((index + 0.5) / length)));
}

function poisson(mean: number, uniform: () => number): number {
  let count = 0;
  for (let time = -Math.log(1 - uniform()); time < mean; time -= Math.log(1 - uniform())) count += 1;
  return count;
}

test("an even load passes, with what was seen and its limit", () => {
  const result = check(steps(40, () => 1000));
  expect(result).toMatchObject({ passed: true, value: 0 });
  expect(result.limit).toBeGreaterThan(0);
});

describe("a stop of 200 ms in a window of a second fails", () => {
  test.each([0, 0.1, 0.25, 0.4, 0.6, 0.8])("from %f s on", (from) => {
    const counts = steps(100, (place) => (place >= from && place < from + 0.2 ? 0 : 1000));
    const result = check(counts);
    expect(result.passed).toBe(false);
    expect(result.value).toBeGreaterThan(result.limit ?? 0);
  });

  test("and says how long nothing was done", () => {
    const counts = steps(100, (place) => (place >= 0.4 && place < 0.6 ? 0 : 1000));
    expect(check(counts).message).toBe("no operation was completed for 200 ms on end (limit 100 ms)");
  });

  test("also when an open loop catches up at once", () => {
    const counts = steps(100, (place) => (place >= 0.4 && place < 0.6 ? 0 : 100));
    counts[60] = 2000;
    expect(check(counts).passed).toBe(false);
  });
});

test.each([
  ["a warm-up in which the pace triples", (place: number) => 500 * (1 + 2 * place)],
  ["a compiler that doubles the pace at a third", (place: number) => (place < 1 / 3 ? 700 : 1400)],
  ["a pace that halves in the middle", (place: number) => (place < 0.5 ? 1400 : 700)],
])("%s fails", (_name, pace) => {
  expect(check(steps(40, pace)).passed).toBe(false);
});

test("a warm-up that is not over asks for a longer one; a pace that falls does not", () => {
  expect(check(steps(40, (place) => (place < 0.4 ? 500 : 1500))).message).toContain("a longer --warmup");
  const falling = check(steps(40, (place) => (place < 0.6 ? 1500 : 500)));
  expect(falling.passed).toBe(false);
  expect(falling.message).not.toContain("--warmup");
});

test.each([
  ["a pace that wanders by a fifth", (place: number) => 1000 * (1 + 0.2 * Math.sin(place * 9))],
  ["a gap of 40 ms", (place: number) => (place > 0.4 && place < 0.5 ? 0 : 1000)],
])("%s passes", (_name, pace) => {
  expect(check(steps(40, pace)).passed).toBe(true);
});

test("a pause of 40 ms at the end of a window as short as the shortest passes, and a window half empty does not", () => {
  expect(check(steps(20, (place) => (place > 0.8 ? 0 : 1000))).passed).toBe(true);
  expect(check(steps(20, (place) => (place < 0.5 ? 300 : 1000))).passed).toBe(false);
});

test("chance alone hardly ever fails a sparse open loop", () => {
  const random = createRandom(3);
  const trials = 500;
  let failures = 0;
  for (let trial = 0; trial < trials; trial++) {
    const counts = Array.from({ length: 40 }, () => poisson(4, () => random.next()));
    if (!check(counts, 0.1).passed) failures += 1;
  }
  expect(failures / trials).toBeLessThan(0.005);
});

test("answers that come in one batch of all connections pass", () => {
  const counts = steps(40, () => 0).map((_, index) => (index % 8 === 0 ? 64 : 0));
  expect(check(counts, 64).passed).toBe(true);
});

describe("nothing is claimed", () => {
  test.each([
    ["of a window that is too short", check(steps(10, () => 1000))],
    ["of too few operations", check(steps(40, (place) => (place < 0.5 ? 0 : 1)))],
    ["when nothing was done", check(steps(40, () => 0))],
    [
      "when the load ended before its window",
      check(
        steps(40, () => 0),
        8,
        0,
      ),
    ],
  ])("%s", (_case, result) => {
    expect(result).toMatchObject({ passed: true, value: null, limit: null });
    expect(result.message).toContain("too few to see");
  });
});

test("a load that was stopped early is judged by the window it had", () => {
  const counts = [...steps(30, () => 1000), ...steps(70, () => 0)];
  expect(check(counts, 8, 0.3)).toMatchObject({ passed: true, value: 0 });
});
