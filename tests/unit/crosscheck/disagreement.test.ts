/** What the cross-check says of invented engines: who was the limit, and what a tool cannot resolve. */
import { expect, test } from "vitest";
import type { CrossCheck, EngineResult } from "../../../harness/crosscheck/crosscheck.ts";
import { explainDisagreements } from "../../../harness/crosscheck/disagreement.ts";

function engine(name: string, seen: Partial<EngineResult["rounds"][number]>, resolutionNs = 0): EngineResult {
  const round = {
    ...{ requestsPerSecond: 100_000, clientCpuNsPerRequest: 5000, latencyNs: { p50: 600_000, p99: 900_000 } },
    ...{ loadedSeconds: 2, requests: 200_000, serverBusyShare: 0.99, clientBusyShare: 0.5 },
    ...seen,
  };
  return {
    ...{ engine: name, version: "1", unavailable: null, rounds: [round] },
    ...{ caveat: `${name} is invented.`, latencyResolutionNs: resolutionNs },
  };
}

function compared(other: EngineResult, ratio: { value: number; low: number; high: number }): CrossCheck {
  return {
    engines: [engine("readymark", {}), other],
    ratios: [{ engine: other.engine, requestsPerSecond: ratio, clientCpuNsPerRequest: ratio }],
  };
}

test("engines whose ratio may be 1 agree", () => {
  const said = explainDisagreements(compared(engine("wrk", {}), { value: 1.01, low: 0.98, high: 1.04 }));
  expect(said).toEqual(["Throughput: readymark and wrk agree within their intervals.", "wrk is invented."]);
});

test("a slower engine that used up its CPU was the limit, and its longer latency follows from that", () => {
  const slow = { serverBusyShare: 0.4, clientBusyShare: 1, latencyNs: { p50: 1_800_000, p99: 3_000_000 } };
  const said = explainDisagreements(compared(engine("slow", slow), { value: 3, low: 2.9, high: 3.1 }));
  expect(said[0]).toContain("readymark reached 3.00 times what slow did");
  expect(said[0]).toContain("Under readymark the server was the limit (the server used 99 % of its CPU");
  expect(said[0]).toContain(
    "Under slow the client was the limit (the server used 40 % of its CPU and slow 100 %)",
  );
  expect(said[1]).toContain("the median is 600 µs under readymark and 1800 µs under slow");
});

test("an engine with whole milliseconds cannot resolve a latency below one", () => {
  const coarse = engine("coarse", { latencyNs: { p50: 0, p99: 1_000_000 } }, 1e6);
  const said = explainDisagreements(compared(coarse, { value: 1, low: 0.9, high: 1.1 }));
  expect(said).toContain(
    "Latency: coarse cannot resolve it; it records steps of 1 ms, and the median here is 600 µs.",
  );
});

test("an engine that records no latency is not compared by it", () => {
  const said = explainDisagreements(
    compared(engine("minimal", { latencyNs: null }), { value: 1, low: 0.9, high: 1.1 }),
  );
  expect(said.filter((one) => one.startsWith("Latency"))).toEqual([]);
});

test("without another engine there is nothing to say", () => {
  expect(explainDisagreements({ engines: [engine("readymark", {})], ratios: [] })).toEqual([]);
});
