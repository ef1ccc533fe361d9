/** The chart of a capacity search, as a browser draws it. */
import { describe, expect, test } from "vitest";
import { CAPACITY_RUN } from "../fixtures/capacities.ts";
import { FIND_COLLISIONS, FIND_CUT_CELLS, useBrowser, visit, WIDTHS } from "./page.ts";

useBrowser();

describe("the chart of the capacity under an objective", () => {
  test("draws the objective across it, and each server's line through it from left to right", async () => {
    await visit(CAPACITY_RUN, 1280, async ({ page }) => {
      const chart = page.locator("svg.capacity");
      expect(await chart.locator("line.objective").count()).toBe(1);
      expect(await chart.locator("path.curve").count()).toBe(3);
      const level = Number(await chart.locator("line.objective").getAttribute("y1"));
      for (const path of await chart.locator("path.curve").all()) {
        const points = ((await path.getAttribute("d")) ?? "")
          .slice(1)
          .split("L")
          .map((one) => one.split(",").map(Number));
        const across = points.map(([x = 0]) => x);
        expect(across).toEqual(across.toSorted((a, b) => a - b));
        expect(points[0]?.[1]).toBeGreaterThan(level);
        expect(points.at(-1)?.[1]).toBeLessThan(level);
      }
    });
  });

  test("has a bar for each capacity", async () => {
    await visit(CAPACITY_RUN, 1280, async ({ page }) => {
      expect(await page.locator("svg.throughput rect").count()).toBe(3);
    });
  });

  test.each(WIDTHS)("keeps its labels apart and its tables whole at %i pixels", async (width) => {
    await visit(CAPACITY_RUN, width, async ({ page }) => {
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
    });
  });
});
