/** A generator that is wrong in one of the ways of the field must be found out by the comparison; a right one must pass. */
import { describe, expect, test } from "vitest";
import { DELAY_CASES } from "../../../harness/calibrate/delay-cases.ts";
import {
  countFinding,
  isUnclear,
  percentileFindings,
  rowsOf,
  slowShareFinding,
  type Finding,
} from "../../../harness/calibrate/compare.ts";
import { serviceTimesOf, percentilesOfSum, recordedByOpenLoop } from "../../../harness/calibrate/expected.ts";
import { COST_NS, latenciesOf, recorded, served } from "./generators.ts";

const IDENTITY = { protocol: "tcp", loop: "open" } as const;
const COUNT = 3000;

/** The quantities that a generator which records `distort(latencies)` gets wrong, for each of the real cases. */
function wrongIn(distort: (latenciesNs: number[]) => number[]): Record<string, string[]> {
  return Object.fromEntries(
    DELAY_CASES.map((one) => {
      const messages = served(COUNT, (uniform) => {
        let below = 0;
        return one.delays.find(({ share }) => uniform < (below += share))?.delayNs ?? 0;
      });
      const serviceTimesNs = serviceTimesOf(recordedByOpenLoop(messages, 0));
      const distribution = recorded(distort(latenciesOf(serviceTimesNs)));
      const costs = Array.from({ length: 200 }, (_value, index) => ({
        serviceTimeNs: one.delays[index % one.delays.length]?.delayNs ?? 0,
        costNs: COST_NS + index * 20,
      }));
      const findings = [
        ...percentileFindings(
          one.percentiles,
          percentilesOfSum(serviceTimesNs, costs, 1, "alike"),
          distribution.latencyNs,
        ),
        ...(one.slowAboveNs === null
          ? []
          : [slowShareFinding(serviceTimesNs, distribution, one.slowAboveNs, 1)]),
        countFinding(serviceTimesNs.length, distribution, 0),
      ];
      const rows = rowsOf({ ...IDENTITY, delays: one.name }, [findings]);
      return [one.name, rows.filter(({ outcome }) => outcome !== "passed").map(({ quantity }) => quantity)];
    }),
  );
}

describe("a generator that", () => {
  test("is right passes in every case", () => {
    expect(wrongIn((latencies) => latencies)).toEqual({ constant: [], bimodal: [], tail: [] });
  });

  test("adds 25 µs to everything is found out by the short delays", () => {
    const wrong = wrongIn((latencies) => latencies.map((ns) => ns + 25_000));
    expect(wrong["bimodal"]).toContain("p50");
    expect(wrong["tail"]).toEqual(expect.arrayContaining(["p50", "p90"]));
  });

  test("is 3 % slow of clock is found out by the long delays", () => {
    const wrong = wrongIn((latencies) => latencies.map((ns) => ns * 0.97));
    expect(wrong["constant"]).toEqual(expect.arrayContaining(["p50", "p99_9", "max"]));
  });

  test("rounds to milliseconds is found out", () => {
    const wrong = wrongIn((latencies) => latencies.map((ns) => Math.round(ns / 1e6) * 1e6));
    expect(wrong["bimodal"]).toContain("p50");
    expect(wrong["tail"]).toContain("p50");
  });

  test("drops its slowest samples is found out by their share and their number", () => {
    const wrong = wrongIn((latencies) => latencies.filter((ns) => ns < 15e6));
    expect(wrong["tail"]).toEqual(["p99_9", "max", "slowShare", "requests"]);
  });

  test("caps its histogram is found out", () => {
    expect(wrongIn((latencies) => latencies.map((ns) => Math.min(ns, 15e6)))["tail"]).toContain("max");
  });

  test("loses a tenth of its slow samples is found out although no percentile moves", () => {
    let slow = 0;
    const wrong = wrongIn((latencies) => latencies.filter((ns) => ns < 10e6 || ++slow % 10 !== 0));
    expect(wrong["tail"]).toEqual(["slowShare", "requests"]);
  });
});

describe("what is expected where the cost depends on how long the server held a request", () => {
  const times = Array.from({ length: 1000 }, (_value, index) => (index % 5 < 3 ? 200_000 : 5_000_000));

  test("is that a fast request costs what fast ones do, and a slow one what slow ones do", () => {
    const cost = (serviceTimeNs: number) => ({
      serviceTimeNs,
      costNs: serviceTimeNs > 1e6 ? 120_000 : 50_000,
    });
    const { p50, p90 } = percentilesOfSum(times, times.map(cost), 1, "alike");
    expect(p50).toBe(250_000);
    expect(p90).toBe(5_120_000);
  });

  test("is as narrow as what was seen, where a long hand-over makes a small cost", () => {
    const held = Array.from({ length: 1000 }, (_value, index) => 200_000 + 40 * index);
    const costs = held.map((serviceTimeNs) => ({ serviceTimeNs, costNs: 300_000 - serviceTimeNs }));
    expect(percentilesOfSum(held, costs, 1, "alike").p90).toBeLessThan(301_000);
    expect(percentilesOfSum(held, costs, 1, "any").p90).toBeGreaterThan(315_000);
  });

  test("makes do with fewer round trips than it draws from", () => {
    const few = [{ serviceTimeNs: 200_000, costNs: 10_000 }];
    expect(percentilesOfSum([200_000, 300_000], few, 1, "alike").max).toBe(310_000);
  });
});

describe("the rows of several rounds", () => {
  const finding = (quantity: Finding["quantity"], recorded: number): Finding => ({
    ...{ quantity, unit: "ns", expected: 1e6, recorded, limit: 20_000 },
  });
  const row = (quantity: Finding["quantity"], ...values: number[]) =>
    rowsOf(
      { ...IDENTITY, delays: "constant" },
      values.map((value) => [finding(quantity, value)]),
    )[0];

  test("take the middle error for the body, so one lucky round does not pass it", () => {
    expect(row("p50", 1_000_000, 1_030_000, 1_040_000)).toMatchObject({ error: 30_000, outcome: "unclear" });
  });

  test("take the least error for the tail, which an interruption of the client can only make worse", () => {
    expect(row("max", 1_010_000, 4_000_000, 2_000_000)).toMatchObject({ error: 10_000, outcome: "passed" });
  });

  test("fail a tail that is wrong in every round", () => {
    expect(row("max", 900_000, 850_000, 890_000)).toMatchObject({ error: -100_000, outcome: "failed" });
  });

  test("fail a body that is wrong in every round alike", () => {
    expect(row("p50", 1_030_000, 1_031_000, 1_032_000)?.outcome).toBe("failed");
  });

  test("leave open what differs from round to round by more than the limit", () => {
    const wild = row("p50", 1_000_000, 1_050_000, 1_400_000);
    const fine = row("p90", 1_000_000);
    if (!wild || !fine) throw new Error("there are no rows");
    expect(wild.outcome).toBe("unclear");
    expect([[wild, fine], [fine]].map(isUnclear)).toEqual([true, false]);
  });

  test("keep the error of every round", () => {
    expect(row("p50", 1_000_000, 1_030_000, 1_040_000)?.errors).toEqual([0, 30_000, 40_000]);
  });

  test("pass an error of exactly the limit and not one beyond it", () => {
    expect([row("p50", 1_020_000)?.outcome, row("p50", 1_020_001)?.outcome]).toEqual(["passed", "failed"]);
  });
});

test("the limit is 2 % or 20 µs, whichever is larger", () => {
  const percentiles = { p50: 500_000, p90: 1_000_000, p99: 5_000_000, p99_9: 20_000_000, max: 200_000_000 };
  const names = ["p50", "p90", "p99", "p99_9", "max"] as const;
  const limits = percentileFindings(names, percentiles, percentiles).map(({ limit }) => limit);
  expect(limits).toEqual([20_000, 20_000, 100_000, 400_000, 4_000_000]);
});

test("in the tail, what the reference client met beside the sample is as expected, and what is beyond is not", () => {
  const at = (ns: number) => ({ p50: ns, p90: ns, p99: ns, p99_9: ns, max: ns });
  const errors = (recordedNs: number) =>
    percentileFindings(["p50", "max"], at(1e6), at(recordedNs), at(3e6)).map(
      ({ expected, recorded: seen }) => seen - expected,
    );
  expect(errors(2e6)).toEqual([1e6, 0]);
  expect(errors(3.5e6)).toEqual([2.5e6, 0.5e6]);
  expect(errors(0.9e6)).toEqual([-0.1e6, -0.1e6]);
});
