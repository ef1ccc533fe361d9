import { describe, expect, test } from "vitest";
import { readinessEffect } from "../../../harness/reports/idle-cost/idle-cost.ts";
import type { Table } from "../../../harness/reports/tables.ts";
import type { Cell } from "../../../harness/results/run.ts";
import { crowdCells, LET_GO, type Outcome } from "../../fixtures/idle-cells.ts";

const flat = (cpuNs = 5000): Record<number, Outcome> => ({ 0: cpuNs, 1000: cpuNs, 10_000: cpuNs });
const linear = { 0: 5000, 1000: 55_000, 10_000: 505_000 };

function column({ columns, rows }: Table, title: string): string[] {
  const index = columns.findIndex((one) => one.title === title);
  return rows.map((row) => row[index]?.text ?? "no such column");
}

function effectOf(...servers: Cell[][]) {
  const [effect] = readinessEffect(servers.flat());
  if (effect === undefined) throw new Error("These cells have no section.");
  return effect;
}

function findings(...servers: Cell[][]): string {
  return effectOf(...servers).findings.join("\n");
}

describe("the tables", () => {
  test("have a row for each server and a column for each crowd", () => {
    const { costs } = effectOf(crowdCells("flat", flat()), crowdCells("linear", linear));
    expect(column(costs, "server")).toEqual(["flat", "linear"]);
    expect(costs.columns.slice(1).map(({ title }) => title)).toEqual([
      "beside 0",
      "beside 1,000",
      "beside 10,000",
    ]);
    expect(column(costs, "beside 10,000")).toEqual(["5.00", "505"]);
  });

  test("put the interval beside each cost", () => {
    const { costs } = effectOf(crowdCells("a", { ...flat(), 1000: { cpuNs: 5000, spread: 0.1 } }));
    expect(costs.rows[0]?.[2]?.detail).toBe("[4.50–5.50]");
  });

  test("tell flat from linear by the slope", () => {
    const { effects } = effectOf(crowdCells("flat", flat()), crowdCells("linear", linear));
    const slopes = column(effects, "slope from 1,000 on").map(Number);
    expect(slopes[0]).toBeCloseTo(0);
    expect(slopes[1]).toBeGreaterThan(0.9);
  });

  test("have no slope where fewer than two crowds are large enough", () => {
    const { effects } = effectOf(crowdCells("a", { 0: 5000, 100: 5000, 1000: 9000 }));
    expect(column(effects, "slope from 1,000 on")).toEqual(["–"]);
  });

  test("tell the memory of each silent connection", () => {
    expect(column(effectOf(crowdCells("flat", flat())).effects, "memory")).toEqual(["500"]);
  });

  test("do not divide the memory by a crowd that is too small to carry it", () => {
    expect(column(effectOf(crowdCells("a", { 0: 5000, 100: 5000 })).effects, "memory")).toEqual(["–"]);
  });

  test("show system calls per op only when some were observed", () => {
    const cells = crowdCells("a", flat());
    expect(column(effectOf(cells).effects, "system calls")).toEqual(["no such column"]);
    const summary = cells.at(-1)?.summary;
    if (summary) summary.syscallsPerOp = { value: 2.05, low: 2, high: 2.1, unit: "calls/op" };
    expect(column(effectOf(cells, crowdCells("b", flat())).effects, "system calls")).toEqual(["2.05", "–"]);
  });

  test("take nothing from cells that may not be believed", () => {
    const { costs, effects } = effectOf(crowdCells("a", { ...linear, 10_000: "invalid" }));
    expect(column(costs, "beside 10,000")).toEqual(["–"]);
    expect(column(effects, "over crowds of")).toEqual(["0 to 1,000"]);
  });
});

describe("what is seen", () => {
  test("parts those that grow from those that do not", () => {
    const text = findings(crowdCells("flat", flat()), crowdCells("linear", linear));
    expect(text).toContain(
      "From 0 to 10,000 silent connections an echo became more than 25 % dearer on linear (101 times).",
    );
    expect(text).toContain(
      "From 0 to 10,000 silent connections an echo did not become more than 25 % dearer on flat (1.00 times).",
    );
  });

  test("says nothing of growth where nothing grows", () => {
    const text = findings(crowdCells("a", flat()), crowdCells("b", { ...flat(), 10_000: 4000 }));
    expect(text).not.toContain("became");
    expect(text).toContain("did not become more than 25 % dearer on a (1.00 times) and b (0.800 times).");
  });

  test("keeps servers apart that were measured beside other crowds", () => {
    const text = findings(crowdCells("far", linear), crowdCells("near", { 0: 5000, 1000: 55_000 }));
    expect(text).toContain(
      "From 0 to 10,000 silent connections an echo became more than 25 % dearer on far (101 times); from 0 to 1,000 silent connections on near (11.0 times).",
    );
  });

  test("does not decide when the rounds disagree", () => {
    const text = findings(crowdCells("wild", { ...flat(), 10_000: { cpuNs: 7000, spread: 0.6 } }));
    expect(text).toContain(
      "the rounds are too far apart to say whether an echo became more than 25 % dearer on wild",
    );
    expect(text).not.toContain("connections an echo became");
  });

  test("does not decide from two rounds", () => {
    const [one, other] = [
      { cpuNs: 5000, rounds: 2 },
      { cpuNs: 50_000, rounds: 2 },
    ];
    expect(findings(crowdCells("few", { 0: one, 1000: other }))).toContain(
      "fewer than 3 rounds count at one end, too few to say",
    );
  });

  test("says so when a server has one number only", () => {
    const text = findings(crowdCells("once", { 0: 5000, 1000: "invalid" }));
    expect(text).toContain("once has a number beside 0 silent connections only");
    expect(text).not.toContain("dearer");
  });

  test("tells where a server stopped and why", () => {
    const cells = crowdCells("walled", { 0: 5000, 1000: { failed: LET_GO }, 3000: { failed: "Later." } });
    expect(findings(cells)).toContain(
      `walled was measured beside 0 and failed beside 1,000 silent connections: ${LET_GO}`,
    );
  });

  test("repeats what the server said when it could not go on", () => {
    const cells = crowdCells("walled", { 0: 5000, 1000: { failed: LET_GO } });
    cells.find(({ status }) => status === "failed")!.serverStderr = [
      "An fd_set ends at FD_SETSIZE (1024).",
      "at",
    ];
    expect(findings(cells)).toContain(`${LET_GO} The server said: "An fd_set ends at FD_SETSIZE (1024)."`);
  });

  test("takes a failure that a larger crowd did not meet for a gap and not for a wall", () => {
    const text = findings(crowdCells("a", { 0: 5000, 1000: { failed: "By chance." }, 3000: 5000 }));
    expect(text).not.toContain("failed beside");
    expect(text).toContain("There is no number for a beside 1,000 (failed).");
  });

  test("names every crowd without a number, with the reason", () => {
    const text = findings(
      crowdCells("a", { 0: 5000, 1000: "invalid", 3000: "invalid" }),
      crowdCells("b", { 0: "unavailable", 1000: "unavailable", 3000: "unavailable" }),
    );
    expect(text).toContain(
      "There is no number for a beside 1,000 and 3,000 (invalid); b beside 0, 1,000 and 3,000 (unavailable).",
    );
  });

  test("says where the load generator was the limit", () => {
    const cells = crowdCells("fast", { ...flat(), 0: { cpuNs: 5000, isClientLimited: true } });
    expect(findings(cells)).toContain("The load generator was the limit for fast beside 0.");
  });

  test("gives the range of the time in wait and of events per wait, with names", () => {
    const text = findings(
      crowdCells("busy", { 0: 1, 1000: { cpuNs: 1, waitShare: 0.02, eventsPerWait: 30 } }),
      crowdCells("calm", { 0: 1, 1000: { cpuNs: 1, waitShare: 0.8, eventsPerWait: 1.5 } }),
    );
    expect(text).toContain("from 2.0 % on busy to 80.0 % on calm.");
    expect(text).toContain("Events that a wait brought there: from 1.50 on calm to 30.0 on busy.");
  });

  test("says that dearer waits gather events only of servers where both grew", () => {
    const outcomes = (last: number): Record<number, Outcome> => ({
      0: { cpuNs: 5000, eventsPerWait: 2 },
      1000: { cpuNs: 50_000, eventsPerWait: last },
    });
    const text = findings(crowdCells("gathers", outcomes(20)), crowdCells("same", outcomes(2)));
    expect(text).toContain("on gathers (from 2.00 to 20.0).");
    expect(text).not.toContain("same (from");
  });

  test("is nothing before anything was measured", () => {
    expect(findings(crowdCells("a", { 0: "pending", 1000: "pending" }))).toBe(
      "There is no number for a beside 0 and 1,000 (pending).",
    );
  });
});

test("a run without crowds has no such section", () => {
  const cells = crowdCells("plain", flat()).map((cell) => ({ ...cell, parameters: { connections: 64 } }));
  expect(readinessEffect(cells)).toEqual([]);
});

test("a run with one crowd has no such section", () => {
  expect(readinessEffect(crowdCells("a", { 1000: 5000 }))).toEqual([]);
});

test("each setting of the active connections has a section of its own", () => {
  const other = crowdCells("a", flat()).map((cell) => ({
    ...cell,
    parameters: { ...cell.parameters, connections: 1 },
  }));
  expect(readinessEffect([...crowdCells("a", flat()), ...other]).map(({ settings }) => settings)).toEqual([
    "idle with 32 active connections, 64 B, tcp",
    "idle with 1 active connection, 64 B, tcp",
  ]);
});
