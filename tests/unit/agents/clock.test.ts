/** How far another clock is, from questions and answers. */
import { expect, test } from "vitest";
import { clockReading, startError, theirMoment } from "../../../harness/agents/clock.ts";

test("the answer with the shortest round trip decides, and half of the trip is what it may be wrong by", () => {
  const slow = { askedNs: 0, answeredNs: 10_000, theirsNs: 1_009_000 };
  const quick = { askedNs: 20_000, answeredNs: 20_200, theirsNs: 1_020_130 };
  expect(clockReading([slow, quick, slow])).toEqual({ offsetNs: 1_000_030, errorNs: 100 });
});

test("an answer is never misjudged by more than its error, wherever in the trip it was given", () => {
  for (const share of [0, 0.3, 1]) {
    const theirsNs = 500 + 5000 + 800 * share;
    const { offsetNs, errorNs } = clockReading([{ askedNs: 500, answeredNs: 1300, theirsNs }]);
    expect(Math.abs(offsetNs - 5000)).toBeLessThanOrEqual(errorNs);
  }
});

test("a machine whose clock is far ahead begins when we mean it to", () => {
  const reading = { offsetNs: 9e12, errorNs: 50 };
  const orderedNs = theirMoment(1000, reading);
  expect(orderedNs).toBe(9e12 + 1000);
  expect(startError({ orderedNs, startedNs: orderedNs + 70 }, reading, reading)).toEqual({
    ...{ errorNs: 70, uncertainNs: 50 },
  });
});

test("what two clocks drifted apart meanwhile is an error, and how far it goes is uncertain", () => {
  const before = { offsetNs: 1000, errorNs: 50 };
  const after = { offsetNs: 1400, errorNs: 80 };
  // In its middle the load began at 1200 of their clock by ours, and it was told 1000.
  const { errorNs, uncertainNs } = startError({ orderedNs: 1000, startedNs: 1000 }, before, after);
  expect(errorNs).toBe(-200);
  expect(uncertainNs).toBe(80 + 200);
});

test("without an answer there is no reading", () => {
  expect(() => clockReading([])).toThrow(RangeError);
});
