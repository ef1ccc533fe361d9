/** The whole text of each format against files that were read and approved; `vitest -u` writes them anew. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { loadReports } from "../../../harness/reports/registry.ts";
import type { Report } from "../../../harness/reports/report-format.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const reports = new Map((await loadReports()).map((report) => [report.name, report]));

function report(name: string): Report {
  const found = reports.get(name);
  if (found === undefined) throw new Error(`There is no format "${name}".`);
  return found;
}

const HOSTILE = "x\u001b[31m|<b>\n`@team`";

describe("report formats", () => {
  test("are found by their folder", () => {
    const files = [...reports.values()].map(({ name, fileName }) => [name, fileName]);
    expect(files).toEqual([
      ["bencher", null],
      ["csv", "summary.csv"],
      ["github-action-benchmark", null],
      ["html", "report.html"],
      ["json", null],
      ["markdown", "report.md"],
      ["prometheus", null],
      ["terminal", null],
    ]);
  });

  test.each([
    ["wide", 160],
    ["narrow", 80],
  ])("terminal, %s", async (name, columns) => {
    const text = report("terminal").render(fixtureRun(), { columns, colour: false });
    await expect(text).toMatchFileSnapshot(`../../golden/report-${name}.txt`);
  });

  test("markdown", async () => {
    await expect(report("markdown").render(fixtureRun())).toMatchFileSnapshot("../../golden/report.md");
  });

  test("csv", async () => {
    await expect(report("csv").render(fixtureRun())).toMatchFileSnapshot("../../golden/summary.csv");
  });

  test("json is the run itself", () => {
    expect(JSON.parse(report("json").render(fixtureRun()))).toEqual(fixtureRun());
  });

  test.each([...reports.keys()])("%s can show a run without cells", (name) => {
    const run = { ...fixtureRun(), cells: [] };
    expect(report(name).render(run).length).toBeGreaterThan(0);
  });

  // The other two are lists of figures, and there are none yet.
  test.each(["csv", "html", "json", "markdown", "prometheus", "terminal"])(
    "%s can show a run that has not measured anything yet",
    (name) => {
      const run = fixtureRun();
      for (const cell of run.cells)
        Object.assign(cell, { status: "pending", reason: null, samples: [], summary: null });
      expect(report(name).render(run)).toContain("pending");
    },
  );
});

describe("the terminal", () => {
  test.each([60, 80, 100, 140])("keeps tables and prose within %i columns", (columns) => {
    const lines = report("terminal").render(fixtureRun(), { columns, colour: false }).split("\n");
    const tooLong = lines.filter(
      (line) => line.length > columns && !line.startsWith("npm ") && !line.startsWith("    "),
    );
    expect(tooLong).toEqual([]);
  });

  test("leaves none of its columns out when it is narrow", () => {
    const heads = report("terminal")
      .render(fixtureRun(), { columns: 60, colour: false })
      .split("echo over http")[0];
    for (const title of ["throughput", "server CPU", "generator CPU", "p99.9", "max", "verdict"]) {
      expect(heads).toContain(title);
    }
  });

  test("has no codes without colour", () => {
    expect(report("terminal").render(fixtureRun(), { columns: 120, colour: false })).not.toContain("\u001b");
  });

  test("says the same with colour as without", () => {
    const coloured = report("terminal").render(fixtureRun(), { columns: 120, colour: true });
    expect(coloured).toContain("\u001b[");
    const plain = report("terminal").render(fixtureRun(), { columns: 120, colour: false });
    expect(stripVTControlCharacters(coloured).replaceAll(/ +$/gm, "")).toBe(plain);
  });

  test("shows codes in foreign text instead of obeying them", () => {
    const run = fixtureRun();
    Object.assign(run.cells[0] ?? {}, {
      framework: HOSTILE,
      status: "failed",
      reason: HOSTILE,
      serverStderr: [HOSTILE],
    });
    expect(report("terminal").render(run, { columns: 120, colour: false })).not.toContain("\u001b");
  });
});

describe("markdown", () => {
  test("keeps its tables whole whatever a server is called", () => {
    const run = fixtureRun();
    for (const cell of run.cells) if (cell.framework === "acorn") cell.framework = HOSTILE;
    const rows = report("markdown")
      .render(run)
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const bars = (line: string): number => line.replaceAll("\\|", "").split("|").length;
    const plainRows = report("markdown")
      .render(fixtureRun())
      .split("\n")
      .filter((line) => line.startsWith("| "));
    expect(rows.map(bars).toSorted()).toEqual(plainRows.map(bars).toSorted());
  });
});

describe("csv", () => {
  test("has one record for each cell, all of the same length", () => {
    const records = parseCsv(report("csv").render(fixtureRun()));
    expect(records).toHaveLength(fixtureRun().cells.length + 1);
    expect(new Set(records.map((record) => record.length)).size).toBe(1);
  });

  test("leaves numbers of a cell that is not ok empty", () => {
    const [head = [], ...records] = parseCsv(report("csv").render(fixtureRun()));
    const verdict = head.indexOf("verdict");
    const invalid = records.find((record) => record[verdict] === "invalid");
    const numbers = head.flatMap((name, column) =>
      /throughput|_ns|_bytes|per_op/.test(name) ? [invalid?.[column]] : [],
    );
    expect(new Set(numbers)).toEqual(new Set([""]));
  });

  test("brings foreign text back as it was", () => {
    const run = fixtureRun();
    const reason = 'first "line",\r\nsecond';
    Object.assign(run.cells[0] ?? {}, { status: "failed", reason });
    const [head = [], ...records] = parseCsv(report("csv").render(run));
    expect(records.map((record) => record[head.indexOf("reason")])).toContain(reason);
  });
});

/** RFC 4180, for the tests only. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  for (const record of text.match(/(?:"(?:[^"]|"")*"|[^"\r\n])*\r\n/g) ?? []) {
    const fields = record.slice(0, -2).match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g) ?? [];
    records.push(
      fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field)),
    );
  }
  return records;
}
