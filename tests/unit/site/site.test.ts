/** What the site says, and what it does with runs that are not as it would like them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildModel } from "../../../harness/reports/model.ts";
import { compare } from "../../../harness/reports/comparison.ts";
import { rowsByCell } from "../../../harness/reports/groups.ts";
import { decodeHistogram } from "../../../harness/results/histogram.ts";
import type { Cell, Run } from "../../../harness/results/run.ts";
import { writeRun } from "../../../harness/results/store.ts";
import { summarise } from "../../../harness/results/summary.ts";
import { buildSite } from "../../../harness/site/build.ts";
import { fileNameOf, frontRun, readCatalogue } from "../../../harness/site/catalogue.ts";
import { historiesOf } from "../../../harness/site/history.ts";
import { latencyLog } from "../../../harness/site/latency-log.ts";
import { headline, verdictSentences } from "../../../harness/site/sentences.ts";
import { scriptJson, slimRun } from "../../../harness/site/slim-run.ts";
import { idleCells, idleRun } from "../../fixtures/idle-cells.ts";
import { fixtureRun } from "../../fixtures/run.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-site-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const NO_TRIALS = "/nonexistent/trials.jsonl";

describe("the first sentences", () => {
  const sentences = (run: Run): string[] => {
    const found = headline(buildModel(run).scenarios);
    return found === null ? [] : verdictSentences(found.part, found.group);
  };

  test("say who is first, and how much more CPU the dearest costs, with its interval", () => {
    const [first = "", second = ""] = sentences(fixtureRun());
    expect(first).toMatch(
      /^On this machine, for 64 connections of echo over tcp, cedar-native\/epoll has the most echoes/,
    );
    expect(second).toMatch(
      /^Per operation, dogwood costs 3\.\d+ \[[\d.]+–[\d.]+\] times the CPU of cedar-native\/epoll/,
    );
  });

  test("name servers that are tied", () => {
    const run = fixtureRun();
    run.cells = run.cells.filter(({ framework, variant }) => framework === "birch" && variant !== "select");
    expect(sentences(run)[0]).toMatch(/birch\/epoll and birch\/poll|birch\/poll and birch\/epoll/);
    expect(sentences(run)[0]).toContain("are tied for");
  });

  test("do not call servers tied that are told apart, and share a rank through one between them only", () => {
    const run = fixtureRun();
    const between = run.cells.filter(({ framework }) => framework === "cedar-native");
    // A lower bound may be anything above, so nobody below is surely worse.
    run.cells = run.cells.filter(({ framework }) => ["acorn", "dogwood"].includes(framework)).concat(between);
    for (const cell of between)
      for (const { load } of cell.samples)
        if (load !== null) load.operations = Math.round(load.operations / 3);
    for (const cell of between) cell.summary = summarise(cell.samples, cell.operations);
    expect(sentences(run)[0]).toMatch(/share the first rank for .*: not all of them can be told apart/);
  });

  test("say when no server has a rank", () => {
    const run = fixtureRun();
    for (const cell of run.cells) cell.samples = cell.samples.slice(0, 1);
    expect(sentences(run)[0]).toContain("no server has a rank");
  });
});

describe("runs on disk", () => {
  test("are read newest first, and a damaged one is named with its field while the others stay", () => {
    const runs = join(folder, "runs");
    writeRun(join(runs, "a"), { ...fixtureRun(), id: "a", startedAt: "2026-01-01T10:00:00.000Z" });
    writeRun(join(runs, "b"), { ...fixtureRun(), id: "b", startedAt: "2026-02-01T10:00:00.000Z" });
    mkdirSync(join(runs, "c"));
    writeFileSync(join(runs, "c", "run.json"), JSON.stringify({ ...fixtureRun(), cells: [{ id: 3 }] }));
    const { runs: found, problems } = readCatalogue(runs, NO_TRIALS, "/nonexistent/connections.json");
    expect(found.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/c\/run\.json[\s\S]*cells\[0\]\.framework/);
  });

  test("the front page shows the newest that is finished", () => {
    const [old, running] = [
      { ...fixtureRun(), id: "old" },
      { ...fixtureRun(), id: "running", finishedAt: null },
    ];
    expect(frontRun({ runs: [running, old] })?.id).toBe("old");
    expect(frontRun({ runs: [running] })?.id).toBe("running");
    expect(frontRun({ runs: [] })).toBeNull();
  });

  test("the front page shows a run of the short form only where there is no other", () => {
    const { plan } = fixtureRun();
    const [old, quick] = [
      { ...fixtureRun(), id: "old" },
      { ...fixtureRun(), id: "quick", plan: { ...plan, effort: "quick" as const } },
    ];
    expect(frontRun({ runs: [quick, old] })?.id).toBe("old");
    expect(frontRun({ runs: [quick] })?.id).toBe("quick");
  });

  test("an id that is a path becomes no path", () => {
    expect(fileNameOf({ id: "20260101-abcd" })).toBe("20260101-abcd");
    expect(fileNameOf({ id: "../../etc/passwd" })).toMatch(/^[0-9a-f]{16}$/);
  });
});

test("a slim run compares as the whole run does, and is a small part of it", () => {
  const run = fixtureRun();
  const slim = JSON.parse(scriptJson(slimRun(run))) as Run;
  const pick = ({ cells }: Run, framework: string) => cells.find((cell) => cell.framework === framework)!;
  const ratioIn = (one: Run) => compare(pick(one, "acorn"), pick(one, "cedar-native"), "server CPU")?.ratio;
  expect(ratioIn(slim)?.value).toBeCloseTo(ratioIn(run)?.value ?? 0, 4);
  expect(scriptJson(slim).length).toBeLessThan(JSON.stringify(run).length / 5);
});

test("JSON in a page cannot end its element", () => {
  expect(scriptJson({ name: "</script><script>alert(1)</script>" })).not.toContain("</");
});

test("the latency log can be read back, and holds every operation", () => {
  const run = fixtureRun();
  const lines = latencyLog(run)
    .split("\n")
    .filter((line) => line.startsWith("Tag="));
  const cells = [...rowsByCell(run)].flatMap(([cell, { numbers }]) => (numbers?.histogram ? [cell] : []));
  expect(lines).toHaveLength(cells.length);
  expect(cells.length).toBeLessThan(run.cells.filter(({ summary }) => summary?.histogram != null).length);
  const [tag, start, length, , histogram] = lines[0]?.split(",") ?? [];
  const seconds = cells[0]?.samples.reduce((sum, { load }) => sum + (load?.windowSeconds ?? 0), 0);
  expect([tag?.includes(" "), start, length]).toEqual([false, "0.000", seconds?.toFixed(3)]);
  const operations = cells[0]?.samples.reduce((sum, { load }) => sum + (load?.latency?.count ?? 0), 0);
  expect(decodeHistogram(histogram ?? "").totalCount).toBe(operations);
});

test("a history has every run of a cell, oldest first, and says what changed before each", () => {
  const [newer, older] = [
    { ...fixtureRun(), id: "newer", startedAt: "2026-02-01T10:00:00.000Z" },
    { ...fixtureRun(), id: "older" },
  ];
  newer.environment.kernel = "7.0.0";
  const histories = historiesOf([newer, older]);
  expect(histories[0]?.points.map(({ run }) => run.id)).toEqual(["older", "newer"]);
  expect(histories[0]?.points[1]?.changed.join()).toContain("the kernel");
  expect(historiesOf([older])).toEqual([]);
});

test("the page of readiness shows the run that compares most servers, not the newest", async () => {
  const [one, two] = ["one", "two"].map((name) => idleCells(name, { 0: 5000, 1000: 5000 })) as [
    Cell[],
    Cell[],
  ];
  const older = { ...idleRun(one, two), id: "older", startedAt: "2024-01-01T10:00:00.000Z" };
  const newer = { ...idleRun(one), id: "newer", startedAt: "2025-01-01T10:00:00.000Z" };
  const site = join(folder, "readiness");
  await buildSite({ runs: [newer, older], trials: [], connections: null, problems: [] }, site);
  expect(readFileSync(join(site, "readiness.html"), "utf8")).toContain("runs/older.html");
});

describe("the site on disk", () => {
  let site: string;
  const bytesOf = (...path: string[]): Buffer => readFileSync(join(site, ...path));

  beforeAll(async () => {
    site = join(folder, "site");
    const runs = [fixtureRun(), { ...fixtureRun(), id: "second", startedAt: "2025-01-01T10:00:00.000Z" }];
    await buildSite({ runs, trials: [], connections: null, problems: [] }, site);
  });

  test("has a page for each question and one for each run, and the data to download", () => {
    expect(readdirSync(site).toSorted()).toEqual([
      ...[
        ".nojekyll",
        ".readymark-site",
        "claims.html",
        "compare.html",
        "connections.html",
        "data",
        "history.html",
        "index.html",
        "latency.html",
        "pieces.html",
      ],
      ...["readiness.html", "runs", "site.css", "site.js", "trust.html"],
    ]);
    expect(readdirSync(join(site, "runs")).toSorted()).toEqual(["fixture-0001.html", "second.html"]);
    expect(readdirSync(join(site, "data", "second")).toSorted()).toEqual([
      "latency.hlog",
      "run.json",
      "summary.csv",
    ]);
  });

  test("has a first page below 300 KB in all, of which the script is below 60 KB compressed", () => {
    const first = ["index.html", "site.css", "site.js"].map((file) => bytesOf(file).length);
    expect(first.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(300_000);
    expect(gzipSync(bytesOf("site.js")).length).toBeLessThan(60_000);
  });

  test("asks the network for nothing", () => {
    for (const file of readdirSync(site).filter((name) => /\.(html|css|js)$/.test(name)))
      expect(bytesOf(file).toString()).not.toMatch(/(?:src|href)="(?:https?:)?\/\/|url\((?!data:)/);
  });

  test("is never built over anything else", async () => {
    const precious = join(folder, "precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "thesis.txt"), "years of work");
    const built = buildSite({ runs: [], trials: [], connections: null, problems: [] }, precious);
    await expect(built).rejects.toMatchObject({ exitCode: 2 });
    expect(readdirSync(precious)).toEqual(["thesis.txt"]);
  });

  test("is emptied before it is built again", async () => {
    writeFileSync(join(site, "stale.html"), "old");
    await buildSite({ runs: [], trials: [], connections: null, problems: [] }, site);
    expect(readdirSync(site)).not.toContain("stale.html");
    expect(bytesOf("index.html").toString()).toContain("No run has been published yet");
  });
});
