import { describe, expect, test } from "vitest";
import { decodeHistogram } from "../../../harness/results/histogram.ts";
import type { Sample } from "../../../harness/results/run.ts";
import { cellStatus, serverUserShare, summarise } from "../../../harness/results/summary.ts";
import { createRandom } from "../../../harness/statistics/random.ts";
import { fixtureRun } from "../../fixtures/run.ts";
import { makeDistribution } from "../../fixtures/samples.ts";

/** Five valid samples of an accept cell, which has stages and shards. */
function samples(): Sample[] {
  const cell = fixtureRun().cells.find(
    ({ framework, scenario }) => framework === "elm-shards" && scenario === "accept",
  );
  return cell?.samples ?? [];
}

function withOperations(counts: number[]): Sample[] {
  return samples().map((sample, index) => ({
    ...sample,
    load: sample.load && { ...sample.load, operations: counts[index] ?? 0, windowSeconds: 2 },
  }));
}

describe("a summary", () => {
  test("has the mean throughput over generations with its interval and unit", () => {
    const { value, low, high, unit } = summarise(
      withOperations([300, 100, 500, 200, 400]),
      "accepts",
    )!.throughput;
    expect({ value, unit }).toEqual({ value: 150, unit: "accepts/s" });
    // Student's t for four degrees of freedom, 2.776, times the standard error of 50, 100, 150, 200 and 250.
    expect(high - 150).toBeCloseTo(2.776 * Math.sqrt(6250 / 5), 6);
    expect(150 - low).toBeCloseTo(high - 150, 6);
  });

  test("takes percentiles from the merged histogram instead of averaging them", () => {
    const random = createRandom(2);
    const latencies = [1e5, 1e5, 1e5, 1e5, 1e7].map((medianNs) => makeDistribution(medianNs, 0.05, random));
    const made = samples().map((sample, index) => ({
      ...sample,
      load: sample.load && { ...sample.load, latency: latencies[index] ?? null },
    }));
    const summary = summarise(made, "accepts");
    // A fifth of all operations took 10 ms, so p90 does as well; and so do not nine tenths of four of the five generations.
    expect(summary?.latencyNs?.p90).toBeGreaterThan(5e6);
    expect(summary?.latencyIntervalsNs?.p90.value).toBeLessThan(summary?.latencyNs?.p90 ?? 0);
  });

  test("carries the merged histogram with every operation in it", () => {
    const made = samples();
    const total = made.reduce((sum, { load }) => sum + (load?.latency?.count ?? 0), 0);
    expect(decodeHistogram(summarise(made, "accepts")?.histogram ?? "").totalCount).toBe(total);
  });

  test("merges every stage", () => {
    const summary = summarise(samples(), "accepts");
    const counts = Object.entries(summary?.stages ?? {}).map(([name, { count }]) => [name, count]);
    expect(counts).toEqual([
      ["connect", 10_000],
      ["firstByte", 10_000],
      ["close", 10_000],
    ]);
  });

  test("adds up the connections of each shard", () => {
    const made = samples().map((sample) => ({ ...sample, connectionsPerShard: [10, 7] }));
    expect(summarise(made, "accepts")?.connectionsPerShard).toEqual([50, 35]);
  });

  test("leaves what no sample observed null", () => {
    const made = samples().map((sample) => ({
      ...sample,
      serverCpuNsPerOp: null,
      connectionsPerShard: null,
    }));
    const summary = summarise(made, "accepts");
    expect(summary?.serverCpuNsPerOp).toBeNull();
    expect(summary?.connectionsPerShard).toBeNull();
  });

  test("counts only samples that are ok", () => {
    const made = withOperations([100, 100, 100, 100, 9000]);
    Object.assign(made[4] ?? {}, { status: "invalid" });
    expect(summarise(made, "accepts")?.throughput.high).toBe(50);
  });

  test("takes over the worst verdict with the checks of that sample", () => {
    const made = samples();
    const checks = [{ id: "client-saturated", passed: false, value: 0.99, limit: 0.85, message: "99 %" }];
    Object.assign(made[3] ?? {}, { validity: { verdict: "client-limited", checks } });
    expect(summarise(made, "accepts")?.validity).toEqual({ verdict: "client-limited", checks });
  });

  test("is null when no sample is ok", () => {
    const made = samples().map((sample) => ({ ...sample, status: "invalid" as const }));
    expect(summarise(made, "accepts")).toBeNull();
  });

  test("of one sample has no width", () => {
    const throughput = summarise(withOperations([300]).slice(0, 1), "accepts")?.throughput;
    expect(throughput).toMatchObject({ value: 150, low: 150, high: 150 });
  });
});

describe("a cell's status", () => {
  test("is ok when every sample is", () => {
    expect(cellStatus(samples(), samples().length)).toEqual({ status: "ok", reason: null });
  });

  test("is failed with the generation and its reason when one sample failed, whatever the others are", () => {
    const made = samples();
    Object.assign(made[1] ?? {}, { status: "invalid", reason: "a byte was wrong" });
    Object.assign(made[2] ?? {}, { status: "failed", reason: "the server died" });
    expect(cellStatus(made, made.length)).toEqual({
      status: "failed",
      reason: "Generation 3: the server died",
    });
  });

  test("is invalid when no more than half of the planned generations count", () => {
    const made = samples().slice(0, 2);
    Object.assign(made[1] ?? {}, { status: "invalid", reason: "a byte was wrong" });
    expect(cellStatus(made, made.length)).toEqual({
      status: "invalid",
      reason: "Generation 2: a byte was wrong",
    });
  });

  test("is ok when more than half of the planned generations count", () => {
    const made = samples().slice(0, 3);
    Object.assign(made[1] ?? {}, { status: "invalid", reason: "steal" });
    expect(cellStatus(made, 3)).toEqual({ status: "ok", reason: null });
  });

  test("is pending without samples", () => {
    expect(cellStatus([], 5)).toEqual({ status: "pending", reason: null });
  });
});

describe("the server's user share", () => {
  test("is the median of the samples that observed it", () => {
    const shares = [0.2, null, 0.4, 0.3, null];
    const made = samples().map((sample, index) => ({ ...sample, serverUserShare: shares[index] ?? null }));
    expect(serverUserShare(made)).toBe(0.3);
  });

  test("is null when none did", () => {
    expect(serverUserShare(samples().map((sample) => ({ ...sample, serverUserShare: null })))).toBeNull();
  });
});
