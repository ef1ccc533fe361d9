/** report.html in a real browser: what it loads, what it draws, and whether it can be read. */
import { describe, expect, test } from "vitest";
import { createHistogram, encodeHistogram } from "../../harness/results/histogram.ts";
import { fixtureRun } from "../fixtures/run.ts";
import { FIND_COLLISIONS, FIND_CUT_CELLS, useBrowser, visit, WIDTHS } from "./page.ts";

useBrowser();

describe("report.html", () => {
  test("asks for nothing but itself", async () => {
    await visit(fixtureRun(), 1280, async ({ requests }) => {
      expect(requests).toHaveLength(1);
    });
  });

  test("says nothing on the console", async () => {
    await visit(fixtureRun(), 1280, async ({ messages }) => {
      expect(messages).toEqual([]);
    });
  });

  test("has one bar in the throughput chart for each cell with a number", async () => {
    const run = fixtureRun();
    await visit(run, 1280, async ({ page }) => {
      const expected = run.cells.filter(
        ({ status, scenario }) => status === "ok" && scenario === "echo",
      ).length;
      expect(await page.locator("svg.throughput").first().locator("rect").count()).toBe(expected);
    });
  });

  test("has a whisker for each bar that is no bound, and an arrow for each that is", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const chart = page.locator("svg.throughput").first();
      expect(await chart.locator(".whisker").count()).toBe(13);
      expect(await chart.locator(".arrow").count()).toBe(1);
    });
  });

  test("has no throughput chart for a load at a fixed rate", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      expect(await page.locator("svg.throughput").count()).toBe(2);
    });
  });

  test("has one latency line for each server whose latency may be shown", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      expect(await page.locator("svg.latency").first().locator("path.curve").count()).toBe(6);
    });
  });

  test("ends a latency line where fewer than ten operations were slower", async () => {
    const run = fixtureRun();
    for (const { summary } of run.cells) {
      if (summary === null) continue;
      const histogram = createHistogram();
      for (let operation = 1; operation <= 1000; operation++) histogram.recordValue(operation * 1000);
      summary.histogram = encodeHistogram(histogram);
    }
    await visit(run, 1280, async ({ page }) => {
      const chart = await page.locator("svg.latency").first().textContent();
      expect(chart).toContain("990 µs at its end, where 10 were slower");
      expect(chart).not.toContain("99.9 %");
    });
  });

  test("draws every latency line from left to right and upwards", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const paths = (await page.evaluate(
        `[...document.querySelectorAll("svg.latency path.curve")].map((one) => one.getAttribute("d"))`,
      )) as string[];
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) {
        const points = path
          .slice(1)
          .split("L")
          .map((pair) => pair.split(",").map(Number));
        const across = points.map(([x]) => x ?? Number.NaN);
        const down = points.map(([, y]) => y ?? Number.NaN);
        expect(across).toEqual(across.toSorted((left, right) => left - right));
        expect(down).toEqual(down.toSorted((left, right) => right - left));
      }
    });
  });

  test("gives a server the same colour in every chart", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const bar = page.locator("svg.throughput g.bar", { hasText: "birch/poll" }).first().locator("rect");
      const line = page.locator("svg.latency path.curve", { hasText: "birch/poll" }).first();
      const barColour = await bar.evaluate("(element) => getComputedStyle(element).fill");
      expect(await line.evaluate("(element) => getComputedStyle(element).stroke")).toBe(barColour);
    });
  });

  test("splits the server's CPU bar into user and system mode", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const bar = page.locator("svg.cpu").first().locator("g.bar", { hasText: "acorn" });
      expect(await bar.locator("rect.pale").count()).toBe(1);
      expect(await bar.locator("rect.generator").count()).toBe(1);
    });
  });

  test("gives every chart a title, a description and a table with its numbers", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const charts = page.locator('svg[role="img"]');
      for (const chart of await charts.all()) {
        expect(await chart.locator("> title").textContent()).not.toBe("");
        expect(await chart.locator("> desc").textContent()).toMatch(/table/i);
      }
      expect(await page.locator('svg:not([role="img"]):not([aria-hidden]):not(svg svg)').count()).toBe(0);
    });
  });

  test("has no two elements with one id", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const ids = (await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id)",
      )) as string[];
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  test.each(WIDTHS)("has room for its text, its labels and its tables at %i pixels", async (width) => {
    await visit(fixtureRun(), width, async ({ page }) => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
    });
  });

  test("folds the checks and the timelines away", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const timelines = page.locator("details svg.timeline");
      expect(await timelines.count()).toBe(await page.locator("svg.timeline").count());
      expect(await timelines.first().isVisible()).toBe(false);
      await page.getByText("Throughput through every generation").first().click();
      expect(await timelines.first().isVisible()).toBe(true);
    });
  });

  test.each([400, 1200])("can be read with everything unfolded at %i pixels", async (width) => {
    await visit(fixtureRun(), width, async ({ page }) => {
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
    });
  });

  test("keeps labels apart when names are long and numbers large", async () => {
    const run = fixtureRun();
    for (const cell of run.cells) {
      cell.variant = `a-very-long-variant-name-${cell.variant}`;
      const throughput = cell.summary?.throughput;
      if (throughput)
        Object.assign(throughput, {
          value: throughput.value * 90,
          low: throughput.low * 90,
          high: throughput.high * 90,
        });
    }
    await visit(run, 400, async ({ page }) => {
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400);
    });
  });

  test.each([400, 1120])(
    "keeps labels apart when there are tens of millions of operations, at %i pixels",
    async (width) => {
      const run = fixtureRun();
      for (const [index, { summary }] of run.cells.entries()) {
        if (summary === null) continue;
        const histogram = createHistogram();
        for (let step = 0; step < 60; step++) {
          histogram.recordValueWithCount(
            Math.round((40_000 + index * 900) * 1.2 ** step),
            Math.ceil(7e6 * 0.75 ** step),
          );
        }
        summary.histogram = encodeHistogram(histogram);
      }
      await visit(run, width, async ({ page }) => {
        expect(await page.locator("svg.latency").first().textContent()).toContain("99.9999 %");
        expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      });
    },
  );

  test("changes its colours with the reader's setting", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const background = "getComputedStyle(document.body).backgroundColor";
      await page.emulateMedia({ colorScheme: "light" });
      const light = await page.evaluate(background);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await page.evaluate(background)).not.toBe(light);
    });
  });

  test("prints on white even when the screen is dark", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      await page.emulateMedia({ colorScheme: "light" });
      const light = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(light);
    });
  });

  test("fits on paper", async () => {
    await visit(fixtureRun(), 718, async ({ page }) => {
      await page.emulateMedia({ media: "print" });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(718);
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
    });
  });

  test("shows a script in a name, a reason or stderr as text and does not run it", async () => {
    const attack = `"><img src=x onerror="window.attacked=1"><script>window.attacked=1</script>`;
    const run = fixtureRun();
    for (const cell of run.cells) {
      if (cell.framework === "acorn") cell.framework = attack;
      if (cell.status === "failed") Object.assign(cell, { reason: attack, serverStderr: [attack] });
    }
    run.warnings.push(attack);
    run.id = attack;
    await visit(run, 1280, async ({ page, requests }) => {
      expect(await page.evaluate("window.attacked")).toBeUndefined();
      expect(await page.locator("script, img").count()).toBe(0);
      expect(await page.locator("h1").textContent()).toContain(attack);
      expect(requests).toHaveLength(1);
    });
  });

  test("can be read with one server and one round", async () => {
    const run = fixtureRun();
    run.plan.generations = 1;
    run.cells = run.cells.filter(({ id }) => id.startsWith("acorn/default/tcp/echo"));
    await visit(run, 400, async ({ page, messages }) => {
      expect(messages).toEqual([]);
      expect(await page.locator("svg.throughput rect").count()).toBe(1);
    });
  });
});
