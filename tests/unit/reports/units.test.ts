import { describe, expect, test } from "vitest";
import {
  atLeast,
  change,
  compact,
  duration,
  inUnit,
  MEBIBYTES,
  significant,
  timeUnit,
} from "../../../harness/units.ts";

describe("numbers in reports", () => {
  test.each([
    [0, "0"],
    [0.0123456, "0.0123"],
    [4.2, "4.20"],
    [95.34, "95.3"],
    [999.6, "1,000"],
    [1234, "1,230"],
    [123_456, "123,000"],
  ])("%d has three significant digits: %s", (value, text) => {
    expect(significant(value)).toBe(text);
  });

  test.each([
    [950, "950"],
    [999.7, "1.00k"],
    [12_345, "12.3k"],
    [999_900, "1.00M"],
    [1_234_567, "1.23M"],
  ])("%d is short as %s", (value, text) => {
    expect(compact(value)).toBe(text);
  });

  test.each([
    [450, "0.450 µs"],
    [45_300, "45.3 µs"],
    [1_230_000, "1.23 ms"],
    [2_500_000_000, "2.50 s"],
  ])("%d ns is written %s", (durationNs, text) => {
    expect(duration(durationNs)).toBe(text);
  });

  test("a column has the unit of its smallest duration", () => {
    expect(timeUnit([45_000, 12_000_000, null]).name).toBe("µs");
    expect(timeUnit([1_500_000, 12_000_000]).name).toBe("ms");
  });

  test("what was not observed is a dash and never 0", () => {
    expect(inUnit(null, MEBIBYTES)).toBe("–");
  });

  test("a lower bound says so", () => {
    expect(atLeast(123_456)).toBe("≥ 123,000");
  });

  test.each([
    [Math.log(1.052), "+5.2 %"],
    [Math.log(0.9), "−10.0 %"],
    [80, "over +10,000 %"],
  ])("a difference of logarithms of %d is a change of %s", (logarithm, text) => {
    expect(change(logarithm)).toBe(text);
  });
});
