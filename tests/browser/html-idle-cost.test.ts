/** The chart of what idle connections cost, as a browser draws it. */
import { describe, expect, test } from "vitest";
import { idleCells, idleRun, manyServers } from "../fixtures/idle-cells.ts";
import { FIND_COLLISIONS, FIND_CUT_CELLS, useBrowser, visit, WIDTHS } from "./page.ts";

useBrowser();

describe("the chart of the cost of idle connections", () => {
  const FROM_0 = { 0: 5000, 1000: 6000, 10_000: 15_000 };

  test("has one line for each server, and a dot on a whisker for each number", async () => {
    await visit(idleRun(...manyServers()), 1280, async ({ page }) => {
      const chart = page.locator("svg.idle-cost");
      expect(await chart.locator("path.curve:not(.bridge)").count()).toBe(14);
      expect(await chart.locator("circle").count()).toBe(62);
      expect(await chart.locator(".interval").count()).toBe(62);
    });
  });

  test("sets 0 apart from the log scale, and says so", async () => {
    await visit(idleRun(idleCells("a", FROM_0)), 1280, async ({ page }) => {
      const chart = page.locator("svg.idle-cost");
      expect(await chart.locator("path.bridge").count()).toBe(1);
      expect(await chart.locator(".break").count()).toBe(1);
      expect(await page.locator("#idle-cost ~ figure .hint").textContent()).toContain("0 apart");
    });
  });

  test("says nothing of 0 where it was not measured", async () => {
    await visit(idleRun(idleCells("a", { 10: 5000, 1000: 6000 })), 1280, async ({ page }) => {
      expect(await page.locator("svg.idle-cost .break, svg.idle-cost path.bridge").count()).toBe(0);
      expect(await page.locator("#idle-cost ~ figure .hint").textContent()).not.toContain("0 apart");
    });
  });

  test("gives equal ratios of idle connections equal room", async () => {
    await visit(idleRun(idleCells("a", { 10: 5000, 100: 5000, 1000: 5000 })), 1280, async ({ page }) => {
      const at = (await page.evaluate(
        "[...document.querySelectorAll('svg.idle-cost circle')].map((one) => one.getBoundingClientRect().x)",
      )) as [number, number, number];
      expect(at[2] - at[1]).toBeCloseTo(at[1] - at[0], 0);
    });
  });

  test("marks where a server failed, and names it there", async () => {
    const limited = idleCells("limited", {
      0: 5000,
      1000: { failed: "No room." },
      10_000: { failed: "No." },
    });
    await visit(idleRun(limited, idleCells("b", FROM_0)), 1280, async ({ page }) => {
      const end = page.locator("svg.idle-cost .early-end");
      expect(await end.count()).toBe(1);
      expect(await end.locator(".failure-mark").count()).toBe(1);
      expect(await end.textContent()).toContain("failed at 1,000 idle");
      expect(await end.textContent()).toContain("No room.");
    });
  });

  test("has no cross where a line ends because a cell is invalid", async () => {
    const cells = idleCells("a", { 0: 5000, 1000: "invalid", 10_000: "invalid" });
    await visit(idleRun(cells, idleCells("b", FROM_0)), 1280, async ({ page }) => {
      expect(await page.locator("svg.idle-cost .early-end").textContent()).toContain("no cost beyond");
      expect(await page.locator("svg.idle-cost .failure-mark").count()).toBe(0);
    });
  });

  test("has a hollow dot where the load generator was the limit", async () => {
    const cells = idleCells("a", { ...FROM_0, 0: { cpuNs: 5000, isClientLimited: true } });
    await visit(idleRun(cells), 1280, async ({ page }) => {
      expect(await page.locator("svg.idle-cost .hollow-dot").count()).toBe(1);
    });
  });

  test("is left out when nothing has a number", async () => {
    const cells = idleCells("a", { 0: "pending", 1000: { failed: "No." } });
    await visit(idleRun(cells), 1280, async ({ page, messages }) => {
      expect(await page.locator("svg.idle-cost").count()).toBe(0);
      expect(await page.locator("#idle-cost").count()).toBe(1);
      expect(messages).toEqual([]);
    });
  });

  test.each([...WIDTHS, 780])("and its tables can be read at %i pixels", async (width) => {
    await visit(idleRun(...manyServers()), width, async ({ page, messages }) => {
      expect(messages).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
    });
  });

  test("has a title, a description and ids of its own beside a second setting", async () => {
    const second = idleCells("a", FROM_0).map((cell) => ({
      ...cell,
      parameters: { ...cell.parameters, connections: 1 },
    }));
    await visit(idleRun(idleCells("a", FROM_0), second), 1280, async ({ page }) => {
      expect(await page.locator("svg.idle-cost > title").allTextContents()).toHaveLength(2);
      const ids = (await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id)",
      )) as string[];
      expect(new Set(ids).size).toBe(ids.length);
    });
  });
});
