/** How far another clock is, from questions and answers. */
import { expect, test } from "vitest";
import { clockReading, startError, theirMoment } from "../../../harness/agents/clock.ts";

test("the answer with the shortest round trip decides, and half of the trip is what it may be wrong by", () => {
  const slow = { askedNs: 0, answeredNs: 10_000, theirsNs: 1_009_000 };
  const quick = { askedNs: 20_000, answeredNs: 20_200, theirsNs: 1_020_130 };
  expect(clockReading([slow, quick, slow])).toEqual({ atNs: 20_100, offsetNs: 1_000_030, errorNs: 100 });
});

test("an answer is never misjudged by more than its error, wherever in the trip it was given", () => {
  for (const share of [0, 0.3, 1]) {
    const theirsNs = 500 + 5000 + 800 * share;
    const { offsetNs, errorNs } = clockReading([{ askedNs: 500, answeredNs: 1300, theirsNs }]);
    expect(Math.abs(offsetNs - 5000)).toBeLessThanOrEqual(errorNs);
  }
});

test("a machine whose clock is far ahead begins when we mean it to", () => {
  const reading = { atNs: 500, offsetNs: 9e12, errorNs: 50 };
  const orderedNs = theirMoment(1000, reading);
  expect(orderedNs).toBe(9e12 + 1000);
  expect(startError({ startNs: 1000, startedNs: orderedNs + 70 }, reading, reading)).toEqual({
    ...{ errorNs: 70, uncertainNs: 50 },
  });
});

test("two clocks that drift apart are known at the start by what they were before and afterwards", () => {
  const before = { atNs: 0, offsetNs: 1000, errorNs: 50 };
  const after = { atNs: 10_000, offsetNs: 1400, errorNs: 90 };
  // A quarter of the way the other clock was 1100 ahead, and the agent was told 1000.
  const startNs = 2500;
  const { errorNs, uncertainNs } = startError({ startNs, startedNs: startNs + 1000 }, before, after);
  expect(errorNs).toBe(-100);
  expect(uncertainNs).toBe(60);
});

test("a load that begins right after the clocks were read is not late by what they drift in its length", () => {
  const drift = (ns: number): number => 1000 + ns * 20e-6;
  const at = (atNs: number) => ({ atNs, offsetNs: drift(atNs), errorNs: 50 });
  const startNs = 30e6;
  const { errorNs } = startError({ startNs, startedNs: startNs + drift(startNs) }, at(0), at(300e9));
  expect(Math.abs(errorNs)).toBeLessThan(1);
});

test("without an answer there is no reading", () => {
  expect(() => clockReading([])).toThrow(RangeError);
});
