/** Latency by offered rate, from the cells of one workload at several rates. */
import { expect, test } from "vitest";
import markdown from "../../../harness/reports/formats/markdown.ts";
import { groupCells } from "../../../harness/reports/groups.ts";
import { rateCurves, rateTable } from "../../../harness/reports/rate-curves.ts";
import type { Cell, Run } from "../../../harness/results/run.ts";
import { fixtureRun } from "../../fixtures/run.ts";

/** The made-up run's open loop once more at another rate, where the first server has no number. */
function runWithRates(): Run {
  const run = fixtureRun();
  const offered = run.cells.filter(({ scenario }) => scenario === "latency");
  const faster = structuredClone(offered).map((cell): Cell => ({
    ...cell,
    id: `${cell.id}-faster`,
    parameters: { ...cell.parameters, ratePerSecond: 5000 },
  }));
  const [first] = faster;
  if (first !== undefined)
    Object.assign(first, { status: "invalid", reason: "The offered rate was not reached.", summary: null });
  return { ...run, cells: [...run.cells, ...faster] };
}

function latencyGroups(run: Run) {
  return groupCells(run.cells.filter(({ scenario }) => scenario === "latency"));
}

test("cells that differ in the rate only are points of one curve for each server, by rate", () => {
  const [curves, ...others] = rateCurves(latencyGroups(runWithRates()));
  expect(others).toEqual([]);
  for (const { steps } of curves?.curves ?? [])
    expect(steps.map(({ ratePerSecond }) => ratePerSecond)).toEqual([5000, 10_000]);
});

test("one rate is no curve", () => {
  expect(rateCurves(latencyGroups(fixtureRun()))).toEqual([]);
});

test("the table says why a rate has no latency", () => {
  const [curves] = rateCurves(latencyGroups(runWithRates()));
  if (curves === undefined) throw new Error("There is no curve.");
  const row = rateTable(curves).rows.find(
    ([server, offered]) => server?.text === "acorn" && offered?.text === "5,000",
  );
  expect(row?.map(({ text }) => text).slice(2)).toEqual(["–", "–", "–", "–", "invalid"]);
});

test("a report has them before the single rates", () => {
  const text = markdown.render(runWithRates());
  expect(text.indexOf("## Latency by offered rate: latency over tcp")).toBeGreaterThan(0);
  expect(text.indexOf("## Latency by offered rate")).toBeLessThan(text.indexOf("## latency over tcp"));
});
