import { expect, test } from "vitest";
import { changePoints } from "../../../harness/statistics/change-points.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

function noise(seed: number, count: number, centre: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => centre + random.next() - 0.5);
}

test("a step is found at its first value", () => {
  const points = changePoints([...noise(1, 12, 10), ...noise(2, 12, 12)]);
  expect(points.map(({ index }) => index)).toEqual([12]);
  expect(points[0]?.pValue).toBeLessThanOrEqual(0.01);
});

test("two steps are both found, in order", () => {
  const points = changePoints([...noise(1, 12, 10), ...noise(2, 12, 13), ...noise(3, 12, 8)]);
  expect(points.map(({ index }) => index)).toEqual([12, 24]);
});

test("noise alone is called a change in about as many series as the significance allows", () => {
  const called = Array.from({ length: 100 }, (_, seed) => changePoints(noise(seed + 10, 16, 5)).length > 0);
  expect(called.filter(Boolean).length).toBeLessThanOrEqual(5);
});

test("a single wild value is no new level", () => {
  expect(changePoints([...noise(1, 8, 10), 50, ...noise(2, 8, 10)])).toEqual([]);
});

test("a series that is too short for two levels has none, and the same series always has the same", () => {
  expect(changePoints([1, 1, 1, 9, 9, 9])).toEqual([]);
  const series = [...noise(1, 10, 10), ...noise(2, 10, 11)];
  expect(changePoints(series)).toEqual(changePoints(series));
});
