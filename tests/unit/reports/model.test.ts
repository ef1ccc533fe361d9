import { describe, expect, test } from "vitest";
import type { Cell, Run } from "../../../harness/results/run.ts";
import { type Group, groupCells } from "../../../harness/reports/groups.ts";
import { buildModel, verdictLine } from "../../../harness/reports/model.ts";
import { mainTable } from "../../../harness/reports/tables.ts";
import { settingsText, spaced } from "../../../harness/reports/labels.ts";
import { fixtureRun } from "../../fixtures/run.ts";

function groupOf(run: Run, scenario: string, protocol = "tcp"): Group {
  const part = buildModel(run).scenarios.find((one) => one.scenario === scenario);
  const group = part?.groups.find((one) => one.protocol === protocol);
  if (group === undefined) throw new Error(`The fixture has no ${scenario} over ${protocol}.`);
  return group;
}

function rowTexts(group: Group, label: string): string[] {
  const row = mainTable(group).rows.find(([, server]) => server?.text === label);
  return (row ?? []).map(({ text, detail }) => (detail === null ? text : `${text} ${detail}`));
}

function find(run: Run, framework: string, scenario: string): Cell {
  const cell = run.cells.find((one) => one.framework === framework && one.scenario === scenario);
  if (cell === undefined) throw new Error(`The fixture has no ${framework} under ${scenario}.`);
  return cell;
}

describe("the model of a report", () => {
  test("counts how the cells ended", () => {
    expect(verdictLine(buildModel(fixtureRun()))).toBe(
      "30 ok (1 client-limited), 1 invalid, 1 failed, 4 unavailable",
    );
  });

  test("says so when nothing was measured", () => {
    expect(verdictLine(buildModel({ ...fixtureRun(), cells: [] }))).toBe("0 ok");
  });

  test("says that a run is not finished", () => {
    expect(buildModel({ ...fixtureRun(), finishedAt: null }).what).toMatch(/The run is not finished\.$/);
  });

  test("never shows a number of an invalid cell, although it has a summary", () => {
    const run = fixtureRun();
    expect(find(run, "fir", "echo").summary).not.toBeNull();
    expect(rowTexts(groupOf(run, "echo"), "fir")).toEqual(["–", "fir", ...Array(11).fill("–"), "invalid"]);
  });

  test("shows a client-limited throughput as a bound, and no latency", () => {
    const texts = rowTexts(groupOf(fixtureRun(), "echo"), "cedar-native/epoll");
    expect(texts[2]).toMatch(/^≥ [\d,]+$/);
    expect(texts.slice(7, 11)).toEqual(["–", "–", "–", "–"]);
    expect(texts.at(-1)).toBe("client-limited");
  });

  test("shows a bound also where one generation was limited and another was not steady", () => {
    const run = fixtureRun();
    const cell = find(run, "cedar-native", "echo");
    const [first] = cell.samples;
    if (first?.validity == null || cell.summary === null) throw new Error("The fixture has no such sample.");
    const checks = first.validity.checks.map((check) => ({ ...check, passed: true }));
    first.validity = { verdict: "not-steady", checks };
    cell.summary.validity = first.validity;
    expect(rowTexts(groupOf(run, "echo"), "cedar-native/epoll")[2]).toMatch(/^≥ /);
  });

  test("shows a null as a dash", () => {
    expect(rowTexts(groupOf(fixtureRun(), "accept"), "acorn")[3]).toBe("–");
  });

  test("ties servers that no paired ratio tells apart", () => {
    const ranks = Object.fromEntries(
      groupOf(fixtureRun(), "echo").rows.map(({ label, rank }) => [label, rank]),
    );
    expect(ranks["birch/epoll"]).toBe("2=");
    expect(ranks["birch/poll"]).toBe("2=");
    expect(ranks["elm-shards/birch-epoll"]).toBe("4");
  });

  test("ranks an open loop by p99 latency, lowest first", () => {
    const group = groupOf(fixtureRun(), "latency");
    expect(group.rankedBy).toBe("p99 latency");
    expect(group.rows[0]).toMatchObject({ label: "cedar-native/epoll", rank: "1" });
  });

  test("does not rank what has fewer than three generations", () => {
    const run = fixtureRun();
    for (const cell of run.cells) cell.samples.length = Math.min(2, cell.samples.length);
    expect(groupOf(run, "accept").rows.map(({ rank }) => rank)).toEqual(Array(9).fill(null));
  });

  test("keeps cells with different settings apart", () => {
    const cells = fixtureRun().cells.filter(
      ({ scenario, protocol }) => scenario === "echo" && protocol === "tcp",
    );
    const other = cells.map((cell) => ({ ...cell, parameters: { ...cell.parameters, connections: 512 } }));
    expect(groupCells([...cells, ...other]).map(({ settings }) => settings)).toEqual([
      "connections 64, payload 64 B, pipeline 1",
      "connections 512, payload 64 B, pipeline 1",
    ]);
  });

  test("says one reason once for all the cells that share it", () => {
    const { problems } = buildModel(fixtureRun());
    expect(problems.find(({ server }) => server === "birch/uring")?.where).toEqual([
      "echo over tcp",
      "echo over http",
      "accept over tcp",
      "latency over tcp",
    ]);
  });

  test("puts failures first among the problems, with the last lines of stderr", () => {
    const [first] = buildModel(fixtureRun()).problems;
    expect(first).toMatchObject({ server: "dogwood", status: "failed" });
    expect(first?.stderr[0]).toMatch(/EADDRINUSE/);
  });

  test("warns that few generations make a weak interval", () => {
    const run = fixtureRun();
    run.plan.generations = 2;
    expect(buildModel(run).howToRead.join("\n")).toContain("With 2 generations an interval is so wide");
  });

  test("warns that one generation is no comparison", () => {
    const run = fixtureRun();
    run.plan.generations = 1;
    expect(buildModel(run).howToRead.join("\n")).toContain("its intervals have no width");
  });
});

describe("the command that repeats a run", () => {
  test("names a setting that all scenarios share", () => {
    expect(buildModel(fixtureRun()).command).toContain(" --connections 64 --payload 64 ");
  });

  test("leaves a setting to the scenarios where they differ", () => {
    const run = fixtureRun();
    for (const cell of run.cells)
      if (cell.scenario === "accept") cell.parameters = { ...cell.parameters, connections: 8 };
    expect(buildModel(run).command).not.toContain("--connections");
  });

  test("names the protocols where all scenarios have the same", () => {
    const run = fixtureRun();
    run.cells = run.cells.filter(({ scenario }) => scenario === "echo");
    expect(buildModel(run).command).toContain(" --protocols tcp,http ");
  });

  test("leaves the protocols to the scenarios where they differ", () => {
    expect(buildModel(fixtureRun()).command).not.toContain("--protocols");
  });

  test("names the user's own server, quoted for a shell, instead of a framework", () => {
    const run = fixtureRun();
    run.plan.commands = ["node it's.js"];
    run.cells = run.cells.slice(0, 1).map((cell) => ({ ...cell, framework: "command" }));
    const { command } = buildModel(run);
    expect(command).toContain(String.raw`--command 'node it'\''s.js'`);
    expect(command).not.toContain("--frameworks");
  });
});

describe("names as words", () => {
  test("settings carry their units", () => {
    expect(settingsText({ ratePerSecond: 10_000, payloadBytes: 64, closeMode: "fin" })).toBe(
      "rate 10,000/s, payload 64 B, close mode fin",
    );
  });

  test("camel case becomes words", () => {
    expect(spaced("firstByte")).toBe("first byte");
  });
});
