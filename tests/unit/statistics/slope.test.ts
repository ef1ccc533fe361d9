import { expect, test } from "vitest";
import { createRandom } from "../../../harness/statistics/random.ts";
import { logLogSlope } from "../../../harness/statistics/slope.ts";

const sizes = [100, 300, 1000, 3000, 10_000];

test("a cost that does not grow has slope 0", () => {
  expect(logLogSlope(sizes.map((x) => ({ x, y: 5 })))?.value).toBeCloseTo(0);
});

test("a cost in proportion to the size has slope 1, and one to its square 2", () => {
  expect(logLogSlope(sizes.map((x) => ({ x, y: 3 * x })))?.value).toBeCloseTo(1);
  expect(logLogSlope(sizes.map((x) => ({ x, y: x * x })))?.value).toBeCloseTo(2);
});

test("the interval holds the true slope about 95 times in 100", () => {
  const random = createRandom(5);
  const noise = (): number => Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b, -6);
  let held = 0;
  const trials = 2000;
  for (let trial = 0; trial < trials; trial++) {
    const slope = logLogSlope(sizes.map((x) => ({ x, y: x ** 0.7 * Math.exp(0.1 * noise()) })));
    if (slope && slope.low <= 0.7 && slope.high >= 0.7) held += 1;
  }
  expect(held / trials).toBeGreaterThan(0.93);
  expect(held / trials).toBeLessThan(0.97);
});

test("too few points or a single size have no slope", () => {
  expect(
    logLogSlope([
      { x: 1, y: 1 },
      { x: 2, y: 2 },
    ]),
  ).toBeNull();
  expect(
    logLogSlope([
      { x: 5, y: 1 },
      { x: 5, y: 2 },
      { x: 5, y: 3 },
    ]),
  ).toBeNull();
});

test("a number that has no logarithm is refused", () => {
  expect(() => logLogSlope([{ x: 0, y: 1 }])).toThrow("needs numbers above 0");
});
