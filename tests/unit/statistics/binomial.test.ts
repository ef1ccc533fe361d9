import { describe, expect, test } from "vitest";
import { rateOf } from "../../../harness/statistics/binomial.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

describe("a rate", () => {
  test.each([
    // R 4: binom.test(events, trials)$conf.int
    { events: 0, trials: 10, low: 0, high: 0.3084971 },
    { events: 5, trials: 10, low: 0.187086, high: 0.812914 },
    { events: 10, trials: 10, low: 0.6915029, high: 1 },
  ])("of $events in $trials is what R says", ({ events, trials, low, high }) => {
    const rate = rateOf(events, trials);
    expect(rate.value).toBe(events / trials);
    expect(rate.low).toBeCloseTo(low, 6);
    expect(rate.high).toBeCloseTo(high, 6);
  });

  test("holds the true one in at least 95 of 100 cases", () => {
    const random = createRandom(5);
    const truth = 0.03;
    const trials = 2000;
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      let events = 0;
      for (let one = 0; one < 200; one++) if (random.next() < truth) events += 1;
      const { low, high } = rateOf(events, 200);
      if (low <= truth && truth <= high) held += 1;
    }
    expect(held / trials).toBeGreaterThanOrEqual(0.95);
  });

  test.each([
    [1, 0],
    [3, 2],
    [-1, 2],
  ])("of %i in %i is refused", (events, trials) => {
    expect(() => rateOf(events, trials)).toThrow(RangeError);
  });
});
