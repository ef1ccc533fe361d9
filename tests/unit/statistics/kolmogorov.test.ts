import { describe, expect, test } from "vitest";
import {
  kolmogorovCritical,
  kolmogorovDistance,
  kolmogorovTail,
} from "../../../harness/statistics/kolmogorov.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

const even = (points: number): number[] => Array.from({ length: points }, (_, index) => (index + 1) / points);

describe("the distance", () => {
  test("is 0 where everything came as expected", () => {
    expect(kolmogorovDistance([25, 50, 75, 100], even(4))).toBe(0);
  });

  test("is the largest, whether too many or too few had come", () => {
    expect(kolmogorovDistance([40, 50, 75, 100], even(4))).toBeCloseTo(0.15);
    expect(kolmogorovDistance([25, 30, 75, 100], even(4))).toBeCloseTo(0.2);
  });

  test("of nothing, or of moments that do not match, is refused", () => {
    expect(() => kolmogorovDistance([0, 0], even(2))).toThrow(RangeError);
    expect(() => kolmogorovDistance([], [])).toThrow(RangeError);
    expect(() => kolmogorovDistance([1, 2], even(3))).toThrow(RangeError);
  });
});

// The quantiles of the limiting distribution, as any table of it has them.
test.each([
  [1.2238, 0.1],
  [1.3581, 0.05],
  [1.6276, 0.01],
  [1.9495, 0.001],
])("a scaled distance over %f is as rare as %f", (x, level) => {
  expect(kolmogorovTail(x) / level).toBeCloseTo(1, 2);
});

test("every distance exceeds none, and none exceeds a large one", () => {
  expect(kolmogorovTail(0)).toBe(1);
  expect(kolmogorovTail(0.3)).toBeCloseTo(1, 4);
  expect(kolmogorovTail(20)).toBe(0);
});

// Miller (1956), Table of percentage points of Kolmogorov statistics.
test.each([
  [20, 0.05, 0.294],
  [20, 0.01, 0.352],
  [50, 0.05, 0.188],
  [100, 0.05, 0.134],
  [100, 0.01, 0.161],
])("%i observations exceed the critical distance for %f as tables have it", (count, level, expected) => {
  expect(kolmogorovCritical(count, level)).toBeCloseTo(expected, 2);
});

test("even random moments exceed the critical distance as often as its level says", () => {
  const random = createRandom(11);
  const observations = 200;
  const limit = kolmogorovCritical(observations, 0.05);
  const trials = 2000;
  let exceeded = 0;
  for (let trial = 0; trial < trials; trial++) {
    const counts = Array.from({ length: 1000 }, () => 0);
    for (let one = 0; one < observations; one++) counts[random.below(1000)]! += 1;
    let total = 0;
    const seen = counts.map((count) => (total += count));
    if (kolmogorovDistance(seen, even(1000)) > limit) exceeded += 1;
  }
  expect(exceeded / trials).toBeGreaterThan(0.03);
  expect(exceeded / trials).toBeLessThan(0.07);
});
