/** report.html in a real browser: what it loads, what it draws, and whether it can be read. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHistogram, encodeHistogram } from "../../harness/load/histogram.ts";
import html from "../../harness/reports/formats/html.ts";
import type { Run } from "../../harness/results/run.ts";
import { launchBrowser } from "../browser.ts";
import { CAPACITY_RUN } from "./capacities.ts";
import { crowdCells, crowdRun, manyServers } from "./crowds.ts";
import { fixtureRun } from "./fixture.ts";

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "readymark-html-"));
  browser = await launchBrowser();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Visit {
  page: Page;
  /** Everything the page asked for, itself included. */
  requests: string[];
  /** Console messages and uncaught errors. */
  messages: string[];
}

async function visit(run: Run, width: number, action: (visit: Visit) => Promise<void>): Promise<void> {
  const file = join(folder, "report.html");
  writeFileSync(file, html.render(run));
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  try {
    const requests: string[] = [];
    const messages: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => messages.push(message.text()));
    page.on("pageerror", (error) => messages.push(error.message));
    await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
    await action({ page, requests, messages });
  } finally {
    await page.close();
  }
}

/** Runs inside the page: the labels of each drawing that overlap one another or leave the drawing sideways. */
const FIND_COLLISIONS = `(() => {
  const found = [];
  for (const chart of document.querySelectorAll("svg.chart")) {
    const frame = chart.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...chart.querySelectorAll("text")]
      .map((text) => ({ words: text.firstChild.textContent, box: text.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    for (const [index, one] of texts.entries()) {
      if (one.box.left < frame.left - 1 || one.box.right > frame.right + 1) found.push("outside: " + one.words);
      for (const other of texts.slice(index + 1)) {
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 0 && down > 2) found.push(one.words + " / " + other.words);
      }
    }
  }
  return found;
})()`;

/** Runs inside the page: table cells whose content is wider than they are. */
const FIND_CUT_CELLS = `[...document.querySelectorAll("td")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
  .map((cell) => cell.textContent)`;

const WIDTHS = [400, 700, 930, 1100, 1280, 1400];

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

  test.each(WIDTHS)("does not scroll sideways at %i pixels", async (width) => {
    await visit(fixtureRun(), width, async ({ page }) => {
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    });
  });

  test.each(WIDTHS)("keeps the labels of its charts apart at %i pixels", async (width) => {
    await visit(fixtureRun(), width, async ({ page }) => {
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
    });
  });

  test.each(WIDTHS)("shows the cells of its tables whole at %i pixels", async (width) => {
    await visit(fixtureRun(), width, async ({ page }) => {
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
    });
  });

  test("folds the checks and the timelines away", async () => {
    await visit(fixtureRun(), 1280, async ({ page }) => {
      const timelines = page.locator("details svg.timeline");
      expect(await timelines.count()).toBe(await page.locator("svg.timeline").count());
      expect(await timelines.first().isVisible()).toBe(false);
      await page.getByText("Throughput through every window").first().click();
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
    "keeps labels apart when there are millions of operations, at %i pixels",
    async (width) => {
      const run = fixtureRun();
      for (const [index, { summary }] of run.cells.entries()) {
        if (summary === null) continue;
        const histogram = createHistogram();
        for (let step = 0; step < 60; step++) {
          histogram.recordValueWithCount(
            Math.round((40_000 + index * 900) * 1.2 ** step),
            Math.ceil(7e5 * 0.75 ** step),
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
    run.plan.rounds = 1;
    run.cells = run.cells.filter(({ id }) => id.startsWith("acorn/default/tcp/echo"));
    await visit(run, 400, async ({ page, messages }) => {
      expect(messages).toEqual([]);
      expect(await page.locator("svg.throughput rect").count()).toBe(1);
    });
  });
});

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

describe("the chart of the effect of readiness", () => {
  const FROM_0 = { 0: 5000, 1000: 6000, 10_000: 15_000 };

  test("has one line for each server, and a dot on a whisker for each number", async () => {
    await visit(crowdRun(...manyServers()), 1280, async ({ page }) => {
      const chart = page.locator("svg.crowd");
      expect(await chart.locator("path.curve:not(.tie)").count()).toBe(14);
      expect(await chart.locator("circle").count()).toBe(62);
      expect(await chart.locator(".interval").count()).toBe(62);
    });
  });

  test("sets 0 apart from the log scale, and says so", async () => {
    await visit(crowdRun(crowdCells("a", FROM_0)), 1280, async ({ page }) => {
      const chart = page.locator("svg.crowd");
      expect(await chart.locator("path.tie").count()).toBe(1);
      expect(await chart.locator(".break").count()).toBe(1);
      expect(await page.locator("#readiness ~ figure .hint").textContent()).toContain("0 apart");
    });
  });

  test("says nothing of 0 where it was not measured", async () => {
    await visit(crowdRun(crowdCells("a", { 10: 5000, 1000: 6000 })), 1280, async ({ page }) => {
      expect(await page.locator("svg.crowd .break, svg.crowd path.tie").count()).toBe(0);
      expect(await page.locator("#readiness ~ figure .hint").textContent()).not.toContain("0 apart");
    });
  });

  test("gives equal ratios of crowds equal room", async () => {
    await visit(crowdRun(crowdCells("a", { 10: 5000, 100: 5000, 1000: 5000 })), 1280, async ({ page }) => {
      const at = (await page.evaluate(
        "[...document.querySelectorAll('svg.crowd circle')].map((one) => one.getBoundingClientRect().x)",
      )) as [number, number, number];
      expect(at[2] - at[1]).toBeCloseTo(at[1] - at[0], 0);
    });
  });

  test("marks where a server failed, and names it there", async () => {
    const walled = crowdCells("walled", { 0: 5000, 1000: { failed: "No room." }, 10_000: { failed: "No." } });
    await visit(crowdRun(walled, crowdCells("b", FROM_0)), 1280, async ({ page }) => {
      const end = page.locator("svg.crowd .early-end");
      expect(await end.count()).toBe(1);
      expect(await end.locator(".wall").count()).toBe(1);
      expect(await end.textContent()).toContain("failed beside 1,000");
      expect(await end.textContent()).toContain("No room.");
    });
  });

  test("has no cross where a line ends because a cell is invalid", async () => {
    const cells = crowdCells("a", { 0: 5000, 1000: "invalid", 10_000: "invalid" });
    await visit(crowdRun(cells, crowdCells("b", FROM_0)), 1280, async ({ page }) => {
      expect(await page.locator("svg.crowd .early-end").textContent()).toContain("no number beyond");
      expect(await page.locator("svg.crowd .wall").count()).toBe(0);
    });
  });

  test("has a hollow dot where the load generator was the limit", async () => {
    const cells = crowdCells("a", { ...FROM_0, 0: { cpuNs: 5000, isClientLimited: true } });
    await visit(crowdRun(cells), 1280, async ({ page }) => {
      expect(await page.locator("svg.crowd .hollow-dot").count()).toBe(1);
    });
  });

  test("is left out when nothing has a number", async () => {
    const cells = crowdCells("a", { 0: "pending", 1000: { failed: "No." } });
    await visit(crowdRun(cells), 1280, async ({ page, messages }) => {
      expect(await page.locator("svg.crowd").count()).toBe(0);
      expect(await page.locator("#readiness").count()).toBe(1);
      expect(messages).toEqual([]);
    });
  });

  test.each([...WIDTHS, 780])("and its tables can be read at %i pixels", async (width) => {
    await visit(crowdRun(...manyServers()), width, async ({ page, messages }) => {
      expect(messages).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.evaluate(FIND_COLLISIONS)).toEqual([]);
      expect(await page.evaluate(FIND_CUT_CELLS)).toEqual([]);
    });
  });

  test("has a title, a description and ids of its own beside a second setting", async () => {
    const second = crowdCells("a", FROM_0).map((cell) => ({
      ...cell,
      parameters: { ...cell.parameters, connections: 1 },
    }));
    await visit(crowdRun(crowdCells("a", FROM_0), second), 1280, async ({ page }) => {
      expect(await page.locator("svg.crowd > title").allTextContents()).toHaveLength(2);
      const ids = (await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id)",
      )) as string[];
      expect(new Set(ids).size).toBe(ids.length);
    });
  });
});
