/** What a stopped server does to the latencies: what is expected, and that coordinated omission is found out. */
import { describe, expect, test } from "vitest";
import {
  delayedFinding,
  percentileFindings,
  rowsOf,
  spreadFinding,
} from "../../../harness/calibrate/compare.ts";
import { Disturbance, percentilesOfSorted } from "../../../harness/calibrate/expected.ts";
import type { Records } from "../../../harness/calibrate/null-server.ts";
import { responseTimesAroundStop, requireOneStop } from "../../../harness/calibrate/stop.ts";
import { recorded } from "./generators.ts";

const SCHEDULE = { ratePerSecond: 10_000, warmupSeconds: 0.1, windowSeconds: 1 };
const GAP_NS = 1e9 / SCHEDULE.ratePerSecond;
const START_NS = 7e12;
const STOP = { fromNs: START_NS + 400e6, toNs: START_NS + 600e6 };
const DELAYED_ABOVE_NS = 1e6;
const TOTAL = 11_000;

const due = (index: number): number => START_NS + index * GAP_NS;
const isStopped = (atNs: number): boolean => atNs >= STOP.fromNs && atNs < STOP.toNs;

/** A server that answers at once, except while it is stopped; then it answers all together. */
function records(): Records {
  const messages = Array.from({ length: TOTAL }, (_value, index) => {
    const arrivedNs = due(index) + 3000;
    return isStopped(arrivedNs)
      ? { arrivedNs: null, orderedNs: 0, sentNs: STOP.toNs + 500_000 }
      : { arrivedNs, orderedNs: 0, sentNs: arrivedNs + 1000 };
  });
  return { messages, gaps: [STOP] };
}

/** The latencies in the window of a client whose clock starts at `startOf(due time)`. */
function latencies(startOf: (dueNs: number, index: number) => number): number[] {
  return Array.from({ length: 10_000 }, (_value, index) => {
    const dueNs = due(1000 + index);
    const sentNs = Math.max(dueNs, startOf(dueNs, index));
    return (isStopped(sentNs) ? STOP.toNs + 500_000 : sentNs + 10_000) - startOf(dueNs, index);
  });
}

function wrongQuantities(measured: readonly number[]): string[] {
  const responseTimesNs = responseTimesAroundStop(records(), SCHEDULE, STOP);
  const expected = percentilesOfSorted(responseTimesNs.map((ns) => ns + 10_000).toSorted((a, b) => a - b));
  const distribution = recorded(measured);
  const delayed = responseTimesNs.filter((ns) => ns > DELAYED_ABOVE_NS).length;
  const findings = [
    ...percentileFindings(["p50", "p90", "p99", "p99_9", "max"], expected, distribution.latencyNs),
    delayedFinding(delayed, distribution, DELAYED_ABOVE_NS),
    spreadFinding(distribution, DELAYED_ABOVE_NS, expected.max),
  ];
  const rows = rowsOf({ protocol: "tcp", loop: "open", delays: "stopped" }, [findings]);
  return rows.filter(({ outcome }) => outcome !== "passed").map(({ quantity }) => quantity);
}

describe("what is expected of a stop", () => {
  test("is R times T delayed requests", () => {
    const responseTimesNs = responseTimesAroundStop(records(), SCHEDULE, STOP);
    expect(responseTimesNs.filter((ns) => ns > 0)).toHaveLength(2000);
    expect(responseTimesNs).toHaveLength(10_000);
  });

  test("is the length of the stop for the slowest, and the time to catch up", () => {
    const slowest = Math.max(...responseTimesAroundStop(records(), SCHEDULE, STOP));
    expect(Math.abs(slowest - 200.5e6)).toBeLessThan(GAP_NS);
  });

  test("is that of the long gap, whatever short ones there are beside it", () => {
    const gaps = [{ fromNs: START_NS, toNs: START_NS + 4e6 }, STOP];
    expect(requireOneStop({ ...records(), gaps }, 0.2, 5e6)).toBe(STOP);
  });

  test("is unknown when the server was not stopped", () => {
    expect(() => requireOneStop({ ...records(), gaps: [] }, 0.2, 5e6)).toThrow(Disturbance);
  });

  test("is unknown when something else stopped it too", () => {
    const gaps = [STOP, { fromNs: START_NS + 700e6, toNs: START_NS + 950e6 }];
    expect(() => requireOneStop({ ...records(), gaps }, 0.2, 5e6)).toThrow(Disturbance);
  });

  test("is unknown when the server was held up long enough for requests to count as delayed", () => {
    const gaps = [STOP, { fromNs: START_NS + 700e6, toNs: START_NS + 719e6 }];
    expect(() => requireOneStop({ ...records(), gaps }, 0.2, 5e6)).toThrow("held up for 19.0 ms");
  });
});

describe("under a stop, a generator whose clock starts", () => {
  test("when a request is due passes", () => {
    expect(wrongQuantities(latencies((dueNs) => dueNs))).toEqual([]);
  });

  test("when it gets round to sending is found out", () => {
    // It waits for an answer on each of 64 connections before it sends again: coordinated omission.
    let inFlight = 0;
    const wrong = wrongQuantities(
      latencies((dueNs) => (isStopped(dueNs) && ++inFlight > 64 ? STOP.toNs + 500_000 : dueNs)),
    );
    expect(wrong).toEqual(expect.arrayContaining(["p90", "p99", "delayed", "spread"]));
  });

  test("late by half the stop is found out by the spread", () => {
    const wrong = wrongQuantities(latencies((dueNs) => (isStopped(dueNs) ? dueNs + 50e6 : dueNs)));
    expect(wrong).toEqual(expect.arrayContaining(["max", "spread"]));
  });
});
