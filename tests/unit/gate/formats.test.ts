/** What a gate prints and writes: whole texts that were read and approved, and the limits of those who take them. */
import { describe, expect, test } from "vitest";
import { loadGateFormats } from "../../../harness/gate/gate-format.ts";
import type { GateRecord } from "../../../harness/results/gate.ts";
import { gateProblems } from "../../../harness/results/validate.ts";
import { fixtureCell, fixtureGate } from "../../fixtures/gate.ts";

const formats = new Map((await loadGateFormats()).map((format) => [format.name, format]));
const SURFACE = { columns: 140, colour: false };

function rendered(name: string, record: GateRecord): string {
  const format = formats.get(name);
  if (format === undefined) throw new Error(`There is no format "${name}".`);
  return format.render(record, SURFACE);
}

test("the fixtures are gates as they are published", () => {
  expect(gateProblems(fixtureGate(0.08))).toEqual([]);
});

test("formats are found by their folder", () => {
  const files = [...formats.values()].map(({ name, fileName }) => [name, fileName]);
  expect(files).toEqual([
    ["github", null],
    ["json", "gate.json"],
    ["junit", "gate.junit.xml"],
    ["markdown", "gate.md"],
    ["terminal", null],
  ]);
});

describe.each([
  ["fail", 0.08],
  ["pass", 0],
])("a gate that ends with %s", (verdict, change) => {
  test.each(["github", "junit", "markdown", "terminal"])("as %s", async (name) => {
    const record = fixtureGate(change);
    expect(record.verdict).toBe(verdict);
    await expect(rendered(name, record)).toMatchFileSnapshot(`../../golden/gate-${verdict}.${name}.txt`);
  });
});

test("json is the gate itself", () => {
  const record = fixtureGate(0.08);
  expect(JSON.parse(rendered("json", record))).toEqual(record);
});

test("Markdown has the verdict in its first line", () => {
  expect(rendered("markdown", fixtureGate(0.08)).split("\n")[0]).toMatch(/^\*\*FAIL: /);
});

test("a comment of hundreds of cells stays below what GitHub takes, shows the worst, and says how many are left", () => {
  const record = fixtureGate(0);
  const cells = Array.from({ length: 500 }, (_, index) => ({
    ...fixtureCell(index === 321 ? 0.5 : 0),
    server: `server-${index}`,
  }));
  const judged = cells.map((cell) => ({
    ...cell,
    pairs: { ...cell.pairs, head: record.cells[0]!.pairs.head },
  }));
  const worst = fixtureGate(0.5).cells[0]!;
  judged[321] = { ...worst, server: "server-321" };
  const text = rendered("markdown", {
    ...record,
    cells: judged,
    rejected: judged.map(({ server }) => server),
  });
  expect(Buffer.byteLength(text)).toBeLessThan(65_536);
  expect(text).toContain("server-321:");
  expect(text).toMatch(/\d+ more cells are in gate\.json/);
});

test("a comment with a reason of a megabyte stays below what GitHub takes", () => {
  const record = { ...fixtureGate(0.08), reason: "x|".repeat(500_000) };
  expect(Buffer.byteLength(rendered("markdown", record))).toBeLessThan(65_536);
});

test("an annotation is one line whatever a server said", () => {
  const text = rendered("github", { ...fixtureGate(0.08), reason: "bad\r\n::error::forged 100 %" });
  expect(text.trimEnd().split("\n")).toHaveLength(1);
  expect(text).toContain("100 %25");
});

test("JUnit counts what cannot be told as an error, and not as a pass", () => {
  const text = rendered("junit", { ...fixtureGate(0), verdict: "environment", reason: "a <b> & c" });
  expect(text).toMatch(/errors="1"/);
  expect(text).toContain("a &lt;b&gt; &amp; c");
});
