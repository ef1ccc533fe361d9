/** Ramps of offered rates on the command line. */
import { expect, test } from "vitest";
import { readRamp } from "../../../scripts/bench/ramp.ts";

test("a ramp begins and ends at the rates that were named, in even steps on a log scale", () => {
  expect(readRamp("1000:128000/30s")?.ratesPerSecond).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000,
  ]);
});

test("its time is that of all steps together", () => {
  expect(readRamp("1000:50000/30s")?.durationSeconds).toBe(30 / 8);
});

test("a narrow one has no rate twice", () => {
  expect(readRamp("1:3/9s")).toEqual({ ratesPerSecond: [1, 2, 3], durationSeconds: 3 });
});

test("a list of rates is none", () => {
  expect(readRamp("1000,2000")).toBeNull();
});

test.each([
  ["1000:50000", "such as 1000:50000/30s"],
  ["1000:500/30s", "must end at a higher rate"],
  ["1000:5000/100ms", "leaves 12.5 ms for each of 8 rates"],
  ["a:500/30s", 'takes a whole number from 1 to 10000000, not "a"'],
  ["1000:5000/1h", 'takes a duration from 50ms to 3600s, such as 300ms or 2s, not "1h"'],
])("%s is refused with what it must be", (text, says) => {
  expect(() => readRamp(text)).toThrow(says);
});
