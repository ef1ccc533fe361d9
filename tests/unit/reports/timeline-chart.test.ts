/** The timeline of a group: one window for each sample, and a stall that shows. */
import { expect, test } from "vitest";
import { assignLooks } from "../../../harness/reports/charts/series.ts";
import { timelineChart } from "../../../harness/reports/charts/timeline-chart.ts";
import { groupCells } from "../../../harness/reports/groups.ts";
import type { Cell } from "../../../harness/results/run.ts";
import { fixtureRun } from "../../fixtures/run.ts";

function echoCells(): Cell[] {
  return fixtureRun().cells.filter(({ scenario, protocol }) => scenario === "echo" && protocol === "tcp");
}

function drawn(cells: readonly Cell[]): string {
  const [group] = groupCells(cells);
  return group === undefined ? "" : (timelineChart("t", group, "echo", assignLooks(cells))?.text ?? "");
}

function windowsOf(svg: string): string[] {
  return svg.split('<g class="window">').slice(1);
}

/** The heights at which the steps of a window are drawn: 0 at the top, 100 at the bottom. */
function heights(window: string): number[] {
  const path = /d="([^"]*)"/.exec(window)?.[1] ?? "";
  return [...path.matchAll(/V([\d.]+)h/g)].map(([, height]) => Number(height));
}

test("has one window for each sample that was measured", () => {
  const cells = echoCells();
  const samples = cells.flatMap((cell) => cell.samples).filter(({ load }) => load !== null);
  expect(windowsOf(drawn(cells))).toHaveLength(samples.length);
});

test("shows a stall as a hole in its window and nowhere else", () => {
  const cell = echoCells().find(({ status }) => status === "ok") as Cell;
  const load = cell.samples[2]?.load;
  if (!load) throw new Error("The fixture has no third sample.");
  // The fourth and the fifth step add nothing to the count.
  for (const step of [3, 4]) load.series[step] = load.series[2] as number;
  const holes = windowsOf(drawn([cell])).map((window) => heights(window).filter((height) => height === 100));
  expect(holes.map(({ length }) => length)).toEqual([0, 0, 2, 0, 0]);
});

test("draws at most fifty steps of a window, and loses no operation", () => {
  const cell = echoCells().find(({ status }) => status === "ok") as Cell;
  for (const { load } of cell.samples) {
    if (!load) throw new Error("The fixture has a sample without a load.");
    Object.assign(load, { seriesStepSeconds: 0.01, windowSeconds: 1 });
    load.series = Array.from({ length: 100 }, (_, index) => 1000 * (index + 1));
  }
  const [first] = windowsOf(drawn([cell]));
  expect(heights(first ?? "")).toEqual(Array.from({ length: 50 }, () => 0));
  expect(drawn([cell])).toContain("up to 100k/s");
});

test("distinguishes a window that was left out from one that counts, and says why", () => {
  const windows = windowsOf(drawn(echoCells()));
  const leftOut = windows.filter((window) => window.includes('class="rate bad"'));
  expect(leftOut).toHaveLength(3);
  for (const window of leftOut) expect(window).toContain("invalid, 3 of 98000 requests failed");
});

test("a group without any sample has none", () => {
  const cells = echoCells().map((cell) => ({ ...cell, samples: [] }));
  expect(drawn(cells)).toBe("");
});
