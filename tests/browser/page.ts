/** Opens rendered reports in a real browser, and looks for what cannot be read there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import html from "../../harness/reports/formats/html.ts";
import type { Run } from "../../harness/results/run.ts";
import { launchBrowser } from "./browser.ts";

let browser: Browser;
let folder: string;
let page: Page;

/** Starts the browser with one page before the tests of the file that calls this, and ends it after them. */
export function useBrowser(): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "readymark-html-"));
    browser = await launchBrowser();
    page = await browser.newPage();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

export interface Visit {
  page: Page;
  /** Everything the page asked for, itself included. */
  requests: string[];
  /** Console messages and uncaught errors. */
  messages: string[];
}

/** Loads the run's report as if for the first time, in the page that all tests of a file share. */
export async function visit(run: Run, width: number, action: (visit: Visit) => Promise<void>): Promise<void> {
  const file = join(folder, "report.html");
  writeFileSync(file, html.render(run));
  const requests: string[] = [];
  const messages: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
  try {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
    await action({ page, requests, messages });
  } finally {
    page.removeAllListeners();
    await page.emulateMedia({ media: null, colorScheme: null });
    await page.goto("about:blank");
  }
}

/** Runs inside the page: the labels of each drawing that overlap one another or leave the drawing sideways. */
export const FIND_COLLISIONS = `(() => {
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
export const FIND_CUT_CELLS = `[...document.querySelectorAll("td")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
  .map((cell) => cell.textContent)`;

/** Of the window, in pixels. */
export const WIDTHS = [400, 700, 930, 1100, 1280, 1400];
