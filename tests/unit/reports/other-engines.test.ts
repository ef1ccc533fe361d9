/** The figures of other load generators stand beside ours, and say what they leave out. */
import { expect, test } from "vitest";
import markdown from "../../../harness/reports/formats/markdown.ts";
import { groupCells, type Group } from "../../../harness/reports/groups.ts";
import { OTHER_ENGINES_TITLE, otherEngines } from "../../../harness/reports/other-engines.ts";
import { repeatCommand } from "../../../harness/reports/provenance.ts";
import { fixtureRun } from "../../fixtures/run.ts";

function echoGroup(protocol: string): Group {
  const cells = fixtureRun().cells.filter(({ scenario }) => scenario === "echo");
  const found = groupCells(cells).find((group) => group.protocol === protocol);
  if (found === undefined) throw new Error(`The made-up run has no echo over ${protocol}.`);
  return found;
}

test("ours is in the row before theirs, and one without figures has no row", () => {
  const rows = otherEngines(echoGroup("http"))?.table.rows.map((row) =>
    row.slice(0, 2).map(({ text }) => text),
  );
  expect(rows).toEqual([
    ["acorn", "readymark"],
    ["acorn", "wrk 4.1.0"],
  ]);
});

test("theirs are means over rounds", () => {
  const [, wrk] = otherEngines(echoGroup("http"))?.table.rows ?? [];
  expect(wrk?.map(({ text }) => text).slice(2)).toEqual(["53,000", "16.2", "4.00", "1,100", "2,400"]);
});

test("what one leaves out, and why one has no figures, is said", () => {
  expect(otherEngines(echoGroup("http"))?.notes).toEqual([
    "wrk looks at no byte of an answer.",
    "autocannon records whole milliseconds.",
    "acorn under autocannon: autocannon met errors: 3 timeouts",
  ]);
});

test("a group that no other one measured has no such table", () => {
  expect(otherEngines(echoGroup("tcp"))).toBeNull();
});

test("a report shows them", () => {
  expect(markdown.render(fixtureRun())).toContain(OTHER_ENGINES_TITLE);
});

test("the command that measures the same again names them", () => {
  expect(repeatCommand(fixtureRun())).toContain("--engine wrk --engine autocannon");
});
