/** The open loop's arrival schedule. */
import { expect, test } from "vitest";

import { nativeGenerator } from "../../../harness/children/generator/native-generator.ts";

const options = {
  arrivals: "poisson",
  ratePerSecond: 10_000,
  seed: 1,
  thread: 0,
  threads: 1,
  count: 20_000,
} as const;

function gaps(due: Float64Array): number[] {
  return Array.from(due.subarray(1), (at, index) => at - (due[index] ?? 0));
}

test("constant arrivals have even gaps, with no drift", () => {
  const due = nativeGenerator.scheduleOf({ ...options, arrivals: "constant", ratePerSecond: 3000 });
  due.forEach((at, index) => expect(at).toBe(Math.round((index * 1e9) / 3000)));
});

test("constant arrivals of several threads interleave evenly", () => {
  const threads = [0, 1, 2].map((thread) =>
    nativeGenerator.scheduleOf({ ...options, arrivals: "constant", thread, threads: 3, count: 100 }),
  );
  const all = Float64Array.from(threads.flatMap((due) => [...due])).toSorted();
  expect(new Set(gaps(all))).toEqual(new Set([100_000]));
});

test("Poisson arrivals have exponential gaps", () => {
  const observed = gaps(nativeGenerator.scheduleOf(options)).toSorted((a, b) => a - b);
  const meanNs = 1e9 / options.ratePerSecond;
  const distance = Math.max(
    ...observed.map((gap, index) =>
      Math.abs((index + 0.5) / observed.length - (1 - Math.exp(-gap / meanNs))),
    ),
  );
  // The Kolmogorov-Smirnov bound of one in a thousand; the seed is fixed, so this never depends on luck.
  expect(distance).toBeLessThan(1.95 / Math.sqrt(observed.length));
});

test("the threads together offer the rate", () => {
  const due = nativeGenerator.scheduleOf({ ...options, thread: 1, threads: 4 });
  const rate = due.length / ((due.at(-1) ?? 0) / 1e9);
  expect(rate / (options.ratePerSecond / 4)).toBeCloseTo(1, 1);
});

test("the same seed gives the same schedule", () => {
  expect(nativeGenerator.scheduleOf(options)).toEqual(nativeGenerator.scheduleOf(options));
});

test("another seed gives another schedule", () => {
  expect(nativeGenerator.scheduleOf({ ...options, seed: 2 })).not.toEqual(
    nativeGenerator.scheduleOf(options),
  );
});

test("another thread has another schedule", () => {
  expect(nativeGenerator.scheduleOf({ ...options, thread: 1, threads: 2 })).not.toEqual(
    nativeGenerator.scheduleOf({ ...options, thread: 0, threads: 2 }),
  );
});
