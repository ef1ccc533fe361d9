/** The evidence for each verdict, as a table. */
import { expect, test } from "vitest";
import { checkTable } from "../../../harness/reports/check-table.ts";
import { groupCells, type Group } from "../../../harness/reports/groups.ts";
import type { Cell, Check } from "../../../harness/results/run.ts";
import { fixtureRun } from "../../fixtures/run.ts";

function withChecks(id: string, checks: readonly (Partial<Check> & { message: string })[]): Cell {
  const cell = fixtureRun().cells.find(({ status }) => status === "ok") as Cell;
  for (const [round, sample] of cell.samples.entries()) {
    const check = checks[round % checks.length] as (typeof checks)[number];
    sample.validity = {
      verdict: "valid",
      checks: [{ passed: true, value: null, limit: null, ...check, id }],
    };
  }
  return { ...cell, summary: null };
}

function rowsOf(cells: readonly Cell[]): string[][] {
  const [group] = groupCells(cells);
  return checkTable(group as Group)?.rows.map((row) => row.map(({ text }) => text)) ?? [];
}

test("has a row for each check, with the samples that passed it", () => {
  const cell = withChecks("steal", [
    { passed: false, value: 0.2, limit: 0.05, message: "much" },
    { value: 0.01, limit: 0.05, message: "little" },
  ]);
  expect(rowsOf([cell])).toEqual([["acorn", "steal", "2 of 5", "much"]]);
});

test("shows the sample that came nearest to its limit, by whatever limit it had", () => {
  const cell = withChecks("send-lag", [
    { value: 30, limit: 300, message: "far" },
    { value: 15, limit: 20, message: "near" },
    { value: null, message: "unknown" },
  ]);
  expect(rowsOf([cell])).toEqual([["acorn", "send lag", "5 of 5", "near"]]);
});

test("takes the lowest of what must not be low", () => {
  const cell = withChecks("rate-offered", [
    { value: 1, limit: 0.99, message: "all" },
    { value: 0.991, limit: 0.99, message: "hardly" },
  ]);
  expect(rowsOf([cell])[0]?.at(-1)).toBe("hardly");
});

test("puts the proof of the whole cell in the place of what its samples say", () => {
  const cell = withChecks("back-end-proved", [{ value: 70, message: "its own counters" }]);
  const proof = { id: "back-end-proved", passed: true, value: 0.97, limit: 0.9, message: "perf saw" };
  const summary = { validity: { verdict: "valid", checks: [proof] } } as unknown as Cell["summary"];
  expect(rowsOf([{ ...cell, status: "invalid", summary }])).toEqual([
    ["acorn", "back end proved", "1 of 1", "perf saw"],
  ]);
});

test("is not there when nothing was judged", () => {
  const cells = fixtureRun().cells.filter(({ status }) => status === "unavailable");
  expect(rowsOf(cells)).toEqual([]);
});
