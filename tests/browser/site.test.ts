/** The published site in a real browser, from a folder and below a path of a server. */
import { createServer, type Server } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Run } from "../../harness/results/run.ts";
import { buildSite } from "../../harness/site/build.ts";
import { claimQuery } from "../../harness/site/claims.ts";
import { idleRun, manyServers } from "../fixtures/idle-cells.ts";
import { fixtureConnections } from "../fixtures/connections.ts";
import { fixtureRun } from "../fixtures/run.ts";
import { fixtureTrial } from "../fixtures/trials.ts";
import { launchBrowser } from "./browser.ts";

const PAGES = [
  "index",
  "readiness",
  "latency",
  "compare",
  "claims",
  "history",
  "connections",
  "trust",
  "runs/fixture-0001",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let page: Page;
let folder: string;
let server: Server;
let requests: string[] = [];
let messages: string[] = [];

/** Another machine, other strings than one would like, and servers as many as nobody has. */
function hostileRun(): Run {
  const run = { ...fixtureRun(), id: "hostile", startedAt: "2025-06-01T10:00:00.000Z" };
  run.environment.kernel = `</script><script>document.title="owned"</script>`;
  run.cells = Array.from({ length: 60 }, (_, index) => {
    const cell = structuredClone(run.cells[index % 9]!);
    const framework = index === 0 ? `<img src=x onerror="document.title='owned'">` : `framework-${index}`;
    return { ...cell, framework, id: `${framework}/${index}` };
  });
  run.cells[5]!.summary!.serverCpuNsPerOp = null;
  return run;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "readymark-site-"));
  const idle = { ...idleRun(...manyServers()), id: "idle-run", startedAt: "2025-03-01T10:00:00.000Z" };
  await buildSite(
    {
      runs: [fixtureRun(), hostileRun(), idle],
      trials: [fixtureTrial("same", 1), fixtureTrial("cpu-5", 2)],
      connections: fixtureConnections(),
      problems: [],
    },
    folder,
  );
  server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/deep\/path\//, "").replace(/\?.*$/, "");
    try {
      const type = path.endsWith(".css")
        ? "text/css"
        : path.endsWith(".js")
          ? "text/javascript"
          : "text/html";
      response.writeHead(200, { "content-type": type }).end(readFileSync(join(folder, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const fromFolder = (name: string, query = ""): string =>
  `${pathToFileURL(join(folder, `${name}.html`)).href}${query}`;

async function open(address: string, width = 1280): Promise<void> {
  requests = [];
  messages = [];
  await page.setViewportSize({ width, height: 900 });
  await page.goto(address, { waitUntil: "load" });
}

describe.each(PAGES)("%s", (name) => {
  test("loads from a folder without an error and without asking the network", async () => {
    await open(fromFolder(name));
    expect(messages).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"))).toEqual([]);
    expect(await page.title()).toMatch(/^readymark/);
  });

  test("loads below a path of a server, and asks nobody else", async () => {
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}/deep/path/`;
    await open(`${origin}${name}.html`);
    expect(messages).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(origin) && !url.startsWith("data:"))).toEqual([]);
  });

  test("scrolls sideways nowhere on a telephone", async () => {
    await open(fromFolder(name), 390);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  });

  test.each(["light", "dark"] as const)(
    "has no serious fault for assistive technology when %s",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await open(fromFolder(name));
      await page.evaluate(AXE);
      const faults = (await page.evaluate(
        `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")))`,
      )) as string[];
      await page.emulateMedia({ colorScheme: null });
      expect(faults).toEqual([]);
    },
  );

  test("is complete without a script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(fromFolder(name));
    expect((await plain.locator("main").innerText()).length).toBeGreaterThan(200);
    expect(await plain.locator("form:visible").count()).toBe(0);
    await context.close();
  });
});

describe("filters", () => {
  const visible = () => page.locator(".workload:visible").count();

  test("change the address, which brings the view back when it is loaded again", async () => {
    await open(fromFolder("index"));
    const all = await visible();
    await page.selectOption("select[name=protocol]", "http");
    expect(new URL(page.url()).searchParams.get("protocol")).toBe("http");
    const some = await visible();
    expect(some).toBeLessThan(all);
    await page.reload();
    expect(await visible()).toBe(some);
    expect(await page.inputValue("select[name=protocol]")).toBe("http");
  });

  test("are undone by the back button", async () => {
    await open(fromFolder("index"));
    const all = await visible();
    await page.selectOption("select[name=protocol]", "http");
    await page.goBack();
    expect(await visible()).toBe(all);
    expect(await page.inputValue("select[name=protocol]")).toBe("");
  });

  test("hide rows of other frameworks, and change no rank", async () => {
    await open(fromFolder("index"));
    const row = page.locator('tr[data-server="birch/poll"]').first();
    const before = await row.innerText();
    await page.selectOption("select[name=framework]", "birch");
    expect(await row.innerText()).toBe(before);
    expect(await page.locator('tr[data-server="acorn"]:visible').count()).toBe(0);
  });

  test.each(["?scenario=echo&connections=7", "?framework=nobody"])(
    "say when nothing is left of %s, and how to get it back",
    async (query) => {
      await open(fromFolder("index", query));
      expect(await page.locator(".nothing").isVisible()).toBe(true);
      await page.locator(".nothing button").click();
      expect(await page.locator(".nothing").isVisible()).toBe(false);
      expect(new URL(page.url()).search).toBe("");
    },
  );

  test("of a baseline put ratios to that server, with their intervals", async () => {
    await open(fromFolder("index"));
    await page.selectOption("select[name=baseline]", "cedar-native/epoll");
    const table = page.locator("table.main").first();
    expect(await table.locator("thead").innerText()).toContain("to cedar-native/epoll");
    expect(await table.locator('tr[data-server="cedar-native/epoll"]').innerText()).toContain("1.00");
    // 8.7 of 4.1 µs.
    expect(await table.locator('tr[data-server="acorn"]').innerText()).toMatch(/2\.\d+ \[2\.\d+–2\.\d+\]/);
  });
});

describe("comparing", () => {
  test("two runs of different machines is marked loudly, and the address is the comparison", async () => {
    await open(fromFolder("compare", "?base=hostile&head=fixture-0001"));
    await page.locator("#compared .warning").waitFor();
    expect(await page.locator("#compared h2").innerText()).toContain("fixture-0001 over hostile");
    expect(await page.title()).not.toBe("owned");
  });

  test("a run that there is not is said so", async () => {
    await open(fromFolder("compare", "?base=nothing&head=fixture-0001"));
    await page.waitForFunction(
      `document.querySelector("#compared").textContent.includes("could not be loaded")`,
    );
  });
});

describe("a claim in the address", () => {
  test("is judged by every run that can", async () => {
    const claim = { less: "birch/epoll", than: "acorn", quantity: "server CPU", most: 0.7 } as const;
    const query = claimQuery({ ...claim, scenario: "echo", protocol: "tcp", aboveIdle: null });
    await open(fromFolder("claims", `?${query}`));
    await page.locator("#judged table").waitFor();
    expect(await page.locator("#judged").innerText()).toMatch(/held in [1-9]/);
    expect(await page.locator("#own").isVisible()).toBe(false);
  });

  test("is made with the keyboard alone", async () => {
    await open(fromFolder("claims"));
    await page.locator("input[name=less]").focus();
    await page.keyboard.type("birch/epoll");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("0.7");
    await page.locator("input[name=than]").focus();
    await page.keyboard.type("acorn");
    await page.keyboard.press("Enter");
    await page.locator("#judged table").waitFor();
    expect(new URL(page.url()).searchParams.get("most")).toBe("0.7");
  });
});

test("every control is reached by the tabulator", async () => {
  await open(fromFolder("index"));
  const controls = await page.locator("a:visible, select:visible, button:visible, summary:visible").count();
  const reached = new Set<string>();
  for (let step = 0; step < controls + 20; step++) {
    await page.keyboard.press("Tab");
    reached.add(
      (await page.evaluate(
        `[...document.querySelectorAll("a, select, button, summary")].indexOf(document.activeElement) + ""`,
      )) as string,
    );
  }
  reached.delete("-1");
  expect(reached.size).toBeGreaterThanOrEqual(controls);
});

test("strings that would be code are shown and not run", async () => {
  await open(fromFolder("runs/hostile"));
  expect(await page.title()).toBe("readymark: run hostile");
  expect(await page.locator("main").innerText()).toContain("<img src=x onerror=");
});
