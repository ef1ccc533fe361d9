/** What the cycles of a rotation say of each server: its own trend, and what it was doing in a stall. */
import { describe, expect, test } from "vitest";
import { isWarming, relativeCosts, type Cycle } from "../../../harness/rotation/cycles.ts";
import { stallsOf, type Slice } from "../../../harness/rotation/slice.ts";
import { slice as load } from "../../fixtures/slices.ts";

const SEEN = {
  ...{ elapsedMs: 70, cpuNs: 0, helperCpuNs: 0, userSeconds: 0, systemSeconds: 0, contextSwitches: 0 },
  ...{ keptWaitingNs: 0, counters: null, residentBytes: 0 },
  refusals: { listenOverflows: 0, listenDrops: 0 },
};

/** One operation of this cost, or none that was counted. */
function slice(costNs: number): Slice {
  return {
    load: load({ operations: 1, serverCpuNs: costNs }),
    seen: SEEN,
    spoiled: null,
    stallSeconds: null,
  };
}

function cycles(...costs: Record<string, number>[]): Cycle[] {
  return costs.map((one) => new Map(Object.entries(one).map(([id, cost]) => [id, slice(cost)])));
}

const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(9)));

describe("the costs of one server", () => {
  test("are multiples of what the others cost, so that the machine's speed is not in them", () => {
    const slowly = cycles({ a: 10, b: 20 }, { a: 20, b: 40 });
    expect(rounded(relativeCosts(slowly, "a"))).toEqual([0.5, 0.5]);
  });

  test("have all of its own fall in them, however few others there are", () => {
    const [first = 0, last = 0] = relativeCosts(cycles({ a: 100, b: 50 }, { a: 80, b: 50 }), "a");
    expect(last / first).toBeCloseTo(0.8);
  });

  test("leave out another that failed on the way", () => {
    const found = relativeCosts(cycles({ a: 10, b: 20, c: 40 }, { a: 10, b: 20 }), "a");
    expect(rounded(found)).toEqual([0.5, 0.5]);
  });

  test("are nanoseconds throughout when nobody is left beside it", () => {
    expect(relativeCosts(cycles({ a: 10, b: 20 }, { a: 12 }), "a")).toEqual([10, 12]);
  });
});

describe("a server that becomes faster in the measured cycles", () => {
  const falling = (count: number): Cycle[] =>
    cycles(
      ...Array.from({ length: count }, (_, index) => ({ a: index < Math.floor(count / 2) ? 20 : 15, b: 10 })),
    );

  test.each([4, 5, 8])("is seen in %i of them", (count) => {
    expect(isWarming(falling(count), "a")).toBe(true);
  });

  test("is not the one beside it", () => {
    expect(isWarming(falling(5), "b")).toBe(false);
  });
});

describe("a stall", () => {
  const stalled = (cpuNs: number): Slice => ({
    ...slice(1000),
    load: load({ operations: 1, serverCpuNs: 1000, accounting: { ...load().accounting, ok: 30_000 } }),
    seen: { ...SEEN, cpuNs },
    stallSeconds: 0.1,
  });

  test.each([
    // 30,000 answers cost 30 ms of CPU anyhow.
    ["asleep", 32e6],
    ["asleep", 60e6],
    ["on-cpu", 128e6],
  ] as const)("of 100 ms was %s where the slice took %i ns of CPU", (cause, cpuNs) => {
    expect(stallsOf([slice(1000), stalled(cpuNs)])).toEqual([{ seconds: 0.1, cause }]);
  });

  test("has no cause where nothing says what answers usually cost", () => {
    expect(stallsOf([stalled(60e6)])).toEqual([{ seconds: 0.1, cause: null }]);
  });
});
