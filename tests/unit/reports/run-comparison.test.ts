/** Two runs are compared by what is left when the machine's own speed cancels out. */
import { describe, expect, test } from "vitest";
import { compareRuns, type ComparedCell } from "../../../harness/reports/run-comparison.ts";
import type { Cell, Run } from "../../../harness/results/run.ts";
import { fixtureRun } from "../../fixtures/run.ts";

/** The made-up run on a machine that is so many times faster, on which one server is faster still. */
function faster(times: number, one: { server: string; times: number } | null = null): Run {
  const run = { ...fixtureRun(), id: "faster" };
  for (const cell of run.cells) {
    const own = cell.framework === one?.server ? one.times : 1;
    for (const sample of cell.samples) speedUp(sample, times * own);
  }
  return run;
}

function speedUp(sample: Cell["samples"][number], times: number): void {
  if (sample.load !== null) sample.load.operations *= times;
  if (sample.serverCpuNsPerOp !== null) sample.serverCpuNsPerOp /= times;
}

function cellsOf(base: Run, head: Run, title: string): ComparedCell[] {
  return compareRuns(base, head).workloads.find((one) => one.title.startsWith(title))?.cells ?? [];
}

describe("two runs", () => {
  test("that differ in the speed of the machine only are ties, whatever was measured", () => {
    const cells = cellsOf(fixtureRun(), faster(1.4), "echo over http");
    expect(cells.length).toBeGreaterThan(4);
    for (const { measured, quantity, server, verdict } of cells) {
      expect(measured?.value).toBeCloseTo(quantity === "throughput" ? 1.4 : 1 / 1.4, 9);
      expect(verdict).toBe(server === "acorn" ? "unknown" : "tie");
    }
  });

  test("of which one server changed say so of that server, whatever the machine did", () => {
    const cells = cellsOf(fixtureRun(), faster(0.7, { server: "dogwood", times: 1.5 }), "echo over tcp");
    const verdicts = cells.map(({ server, quantity, verdict }) => `${server} ${quantity}: ${verdict}`);
    expect(verdicts).toContain("dogwood throughput: more");
    expect(verdicts).toContain("dogwood server CPU: less");
    expect(verdicts).toContain("birch/poll throughput: tie");
  });

  test("are compared at an offered rate by latency, because the throughput was given", () => {
    const quantities = cellsOf(fixtureRun(), faster(1.1), "latency over tcp").map(({ quantity }) => quantity);
    expect(new Set(quantities)).toEqual(new Set(["p99 latency", "server CPU"]));
  });

  test("have no multiples of a baseline whose throughput was the generator's", () => {
    const [base, head] = [fixtureRun(), faster(1.4)];
    for (const { cells } of [base, head])
      for (const { framework, summary } of cells)
        if (framework === "acorn" && summary !== null) summary.validity.verdict = "client-limited";
    const cells = cellsOf(base, head, "echo over http").filter(({ server }) => server !== "acorn");
    for (const { quantity, toBaseline } of cells) expect(toBaseline === null).toBe(quantity === "throughput");
    expect(cells.length).toBeGreaterThan(4);
  });

  test("name what was not compared, and why", () => {
    const { leftOut } = compareRuns(fixtureRun(), fixtureRun());
    expect(leftOut.some((one) => one.startsWith("fir, echo over tcp"))).toBe(true);
  });

  test("without a cell in common have nothing to compare", () => {
    const other = fixtureRun();
    for (const cell of other.cells) cell.id = `other/${cell.id}`;
    expect(compareRuns(fixtureRun(), other).workloads).toEqual([]);
  });
});
