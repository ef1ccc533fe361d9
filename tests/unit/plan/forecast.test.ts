/** What is said of a plan before it starts. */
import { expect, test } from "vitest";
import { forecast } from "../../../harness/plan/forecast.ts";
import { capacityRun } from "../../fixtures/capacities.ts";
import { idleCells } from "../../fixtures/idle-cells.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const { plan, cells } = fixtureRun();

test("nothing is said of a plan that any system can carry", () => {
  expect(forecast(plan, cells)).toEqual([]);
});

test("idle connections are announced with the open files of every process, and what each may have", () => {
  const cells = idleCells("birch/epoll", { 0: "pending", 18_000: "pending" });
  expect(forecast(plan, cells)).toEqual([
    expect.stringMatching(
      /18,132 open files in the server, 132 in the load generator, and 15,100 \+ 3,100 in the 2 processes with the idle connections; each may open [\d,]+$/,
    ),
  ]);
});

test("searches are said with their number and their time, those that are done already left out", () => {
  const { cells: searched } = capacityRun({ acorn: { knees: [1] }, birch: { knees: [1] } });
  const [done, ahead] = searched.map((cell, index) => ({
    ...cell,
    status: index === 0 ? ("ok" as const) : ("pending" as const),
  }));
  expect(forecast(plan, [done!, ahead!])).toEqual([
    "5 searches for the capacity (1 cell, 5 generations), of up to 14 loads each: about 67 s in all, 3 min at most, besides the servers' starts",
  ]);
});
