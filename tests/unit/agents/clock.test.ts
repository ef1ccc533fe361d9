/** How far another clock is, from questions and answers. */
import { expect, test } from "vitest";
import { between, clockReading } from "../../../harness/agents/clock.ts";

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

test("what two clocks drifted apart meanwhile is an error", () => {
  const before = { offsetNs: 1000, errorNs: 50 };
  expect(between(before, { offsetNs: 1400, errorNs: 80 })).toEqual({ offsetNs: 1200, errorNs: 280 });
});

test("without an answer there is no reading", () => {
  expect(() => clockReading([])).toThrow(RangeError);
});
