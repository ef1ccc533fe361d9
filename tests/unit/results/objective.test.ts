/** Latency objectives as users write them: one spelling for each, and a clear word for what is none. */
import { expect, test } from "vitest";
import {
  missedConditions,
  objectiveText,
  parseObjective,
  requestsNeeded,
} from "../../../harness/results/objective.ts";

test.each([
  ["p99<1ms", "p99<1ms"],
  [" p99 < 1000us ", "p99<1ms"],
  ["p99.9<1500µs", "p99.9<1.5ms"],
  ["max<2s,p50<200000ns", "p50<200us,max<2s"],
  ["p90<0.25ms", "p90<250us"],
])("%s is %s", (text, canonical) => {
  expect(objectiveText(parseObjective(text))).toBe(canonical);
  expect(objectiveText(parseObjective(canonical))).toBe(canonical);
});

test.each([
  "",
  "p99",
  "p98<1ms",
  "p99<1",
  "p99<0ms",
  "p99>1ms",
  "p99<1ms,",
  "p99<1ms p50<1ms",
  "p99.9.9<1ms",
])("%j is none", (text) => {
  expect(() => parseObjective(text)).toThrow("--slo takes conditions such as 'p99<1ms'");
});

test("two limits for one percentile are refused", () => {
  expect(() => parseObjective("p99<1ms,p99<2ms")).toThrow("two limits for p99");
});

test("a latency at the limit misses it, and only the conditions that are missed are named", () => {
  const latencyNs = { p50: 100, p90: 200, p99: 1e6, p99_9: 2e6, max: 3e6 };
  const missed = missedConditions(parseObjective("p50<1us,p99<1ms,max<4ms"), latencyNs);
  expect(missed.map(({ percentile }) => percentile)).toEqual(["p99"]);
});

test("a percentile further out needs more requests", () => {
  const needed = ["p50<1ms", "p99<1ms", "p99.9<1ms"].map((text) => requestsNeeded(parseObjective(text)));
  expect(needed).toEqual([100, 500, 5000]);
});
