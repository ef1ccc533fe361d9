/** What a run of identical servers says of the method. */
import { expect, test } from "vitest";
import { coverageOf } from "../../../harness/reports/coverage.ts";
import type { Cell, Run } from "../../../harness/results/run.ts";
import { createRandom } from "../../../harness/statistics/random.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const GENERATIONS = 100;

/** Two copies of one server whose costs are the machine's speed, times `ratio` for the second, times noise of 1 %. */
function twins(ratio: number): Run {
  const run = fixtureRun();
  const random = createRandom(5);
  const speeds = Array.from({ length: GENERATIONS }, () => 5000 * Math.exp(random.next()));
  const copy = (framework: string, factor: number): Cell => {
    const model = structuredClone(run.cells[0]) as Cell;
    const [sample] = model.samples;
    if (sample === undefined) throw new Error("The fixture's first cell has no sample.");
    const samples = speeds.map((speed, generation) => ({
      ...sample,
      generation,
      serverCpuNsPerOp: speed * factor * (1 + 0.01 * (random.next() + random.next() - 1)),
    }));
    return { ...model, id: framework, framework, samples };
  };
  return { ...run, cells: [copy("acorn", 1), copy("acorn#2", ratio)] };
}

test("of identical servers the interval holds 1 as often as it promises", () => {
  const [coverage] = coverageOf(twins(1));
  expect(coverage).toMatchObject({ generations: GENERATIONS });
  expect(coverage?.ratio).toBeCloseTo(1, 2);
  for (const { share } of coverage?.held ?? []) {
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(0.99);
  }
});

test("of servers that differ it does not", () => {
  const [coverage] = coverageOf(twins(1.05));
  expect(coverage?.ratio).toBeCloseTo(1.05, 2);
  expect(coverage?.held.at(-1)?.share).toBeLessThan(0.1);
});

test("a run without a server that was named twice has none", () => {
  expect(coverageOf(fixtureRun())).toEqual([]);
});
