/** What the reports say of searches for the capacity: the rate, what ended it, and the curve around the knee. */
import { expect, test } from "vitest";
import html from "../../../harness/reports/formats/html.ts";
import markdown from "../../../harness/reports/formats/markdown.ts";
import terminal from "../../../harness/reports/formats/terminal.ts";
import { capacityCurves } from "../../../harness/reports/capacity/capacity-curves.ts";
import { groupCells } from "../../../harness/reports/groups.ts";
import { buildModel } from "../../../harness/reports/model.ts";
import { CAPACITY_RUN, capacityRun, searchUpTo } from "../../fixtures/capacities.ts";
import { fixtureRun } from "../../fixtures/run.ts";

test("the capacity is the median of the rates found, and ranks go by it", () => {
  const [group] = groupCells(CAPACITY_RUN.cells);
  expect(group).toMatchObject({ objective: "p99<1ms", rankedBy: "capacity" });
  expect(group?.rows.map(({ label, rank }) => [label, rank])).toEqual([
    ["cedar-native/epoll", "1"],
    ["birch/epoll", "2"],
    ["acorn", "3"],
  ]);
  expect(group?.rows[2]?.numbers?.throughput).toMatchObject({ value: 0.98 * 41_000, unit: "echoes/s" });
});

test("a cell at a given rate and one under an objective are never compared", () => {
  const groups = groupCells([
    ...CAPACITY_RUN.cells,
    ...fixtureRun().cells.filter(({ scenario }) => scenario === "latency"),
  ]);
  expect(groups.map(({ objective }) => objective)).toEqual(["p99<1ms", null]);
});

test("the curve of a server is that of the round with the middle capacity", () => {
  const [group] = groupCells(CAPACITY_RUN.cells);
  const acorn = group && capacityCurves(group)?.curves.find(({ label }) => label === "acorn");
  expect(acorn?.middle.capacityPerSecond).toBe(0.98 * 41_000);
  expect(acorn?.others).toHaveLength(4 * acorn!.steps.length);
});

test("of a rate that was tried twice, the curve has the second try", () => {
  const run = capacityRun({ acorn: { knees: [40_000] } });
  const search = run.cells[0]?.samples[0]?.load?.search;
  const [first] = searchUpTo(40_000).steps;
  search?.steps.unshift({ ...first!, outcome: "missed", reason: "p99 was 9.00 ms" });
  const [group] = groupCells(run.cells);
  const steps = group && capacityCurves(group)?.curves[0]?.steps;
  expect(steps?.filter(({ ratePerSecond }) => ratePerSecond === 20_000)).toMatchObject([{ outcome: "met" }]);
});

test.each([
  { name: "terminal", text: terminal.render(CAPACITY_RUN, { columns: 200, colour: false }) },
  { name: "markdown", text: markdown.render(CAPACITY_RUN) },
])("$name says the capacity, what ended it, and the objective", ({ text }) => {
  expect(text).toMatch(/[Oo]bjective p99/);
  expect(text).toMatch(/40,200 \\?\[38,300–42,100\\?\]/);
  expect(text).toContain("≥ 90,200");
  expect(text).toContain("the load generator");
  expect(text).toContain("Ranked by capacity");
});

test("markdown has the curve as a table", () => {
  expect(markdown.render(CAPACITY_RUN)).toMatch(/\| acorn \| 20,500 \| 20,500 \| [\d.]+ \| met \|/);
});

test("the page has the curve with its objective, and a dot for every step of every round", () => {
  const page = html.render(CAPACITY_RUN);
  const chart = /<svg class="chart capacity"[\s\S]*?<line class="objective"[\s\S]*?<\/svg>\s*<\/?/.exec(page);
  expect(chart).not.toBeNull();
  expect(page.match(/<circle class="dot/g)).toHaveLength(3 * 5 * 4);
  expect(page).toContain("acorn at 20,500/s");
});

test("the command that repeats the run asks for the objective, quoted", () => {
  expect(buildModel(CAPACITY_RUN).command).toContain("--slo 'p99<1ms'");
});

test("a run at given rates says nothing of a capacity", () => {
  expect(html.render(fixtureRun())).not.toContain("chart capacity");
  expect(markdown.render(fixtureRun())).not.toContain("capacity is the highest");
});
