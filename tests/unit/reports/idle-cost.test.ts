import { describe, expect, test } from "vitest";
import { idleCosts } from "../../../harness/reports/idle-cost/idle-cost.ts";
import type { Table } from "../../../harness/reports/tables.ts";
import type { Cell } from "../../../harness/results/run.ts";
import { idleCells, CONNECTION_LOST, type Outcome } from "../../fixtures/idle-cells.ts";

const flat = (cpuNs = 5000): Record<number, Outcome> => ({ 0: cpuNs, 1000: cpuNs, 10_000: cpuNs });
const linear = { 0: 5000, 1000: 55_000, 10_000: 505_000 };

function column({ columns, rows }: Table, title: string): string[] {
  const index = columns.findIndex((one) => one.title === title);
  return rows.map((row) => row[index]?.text ?? "no such column");
}

function costOf(...servers: Cell[][]) {
  const [cost] = idleCosts(servers.flat());
  if (cost === undefined) throw new Error("These cells have no section.");
  return cost;
}

function findings(...servers: Cell[][]): string {
  return costOf(...servers).findings.join("\n");
}

describe("the tables", () => {
  test("have a row for each server and a column for each number of idle connections", () => {
    const { costs } = costOf(idleCells("flat", flat()), idleCells("linear", linear));
    expect(column(costs, "server")).toEqual(["flat", "linear"]);
    expect(costs.columns.slice(1).map(({ title }) => title)).toEqual(["0 idle", "1,000 idle", "10,000 idle"]);
    expect(column(costs, "10,000 idle")).toEqual(["5.00", "505"]);
  });

  test("have the interval of each cost", () => {
    const { costs } = costOf(idleCells("a", { ...flat(), 1000: { cpuNs: 5000, spread: 0.1 } }));
    expect(costs.rows[0]?.[2]?.detail).toBe("[4.51–5.49]");
  });

  test("show a constant and a linear cost by the slope", () => {
    const { growth } = costOf(idleCells("flat", flat()), idleCells("linear", linear));
    const slopes = column(growth, "slope from 1,000 on").map(Number);
    expect(slopes[0]).toBeCloseTo(0);
    expect(slopes[1]).toBeGreaterThan(0.9);
  });

  test("have no slope where fewer than two numbers of idle connections are large enough", () => {
    const { growth } = costOf(idleCells("a", { 0: 5000, 100: 5000, 1000: 9000 }));
    expect(column(growth, "slope from 1,000 on")).toEqual(["–"]);
  });

  test("have the memory of each idle connection", () => {
    expect(column(costOf(idleCells("flat", flat())).growth, "memory of each")).toEqual(["500"]);
  });

  test("do not divide the memory by too few idle connections", () => {
    expect(column(costOf(idleCells("a", { 0: 5000, 100: 5000 })).growth, "memory of each")).toEqual(["–"]);
  });

  test("have the memory of the kernel apart, for both ends", () => {
    const cells = idleCells("a", flat());
    for (const { samples, parameters } of cells)
      for (const sample of samples) sample.idleKernelBytes = 7200 * Number(parameters["idleConnections"]);
    const [row = []] = costOf(cells).growth.rows;
    expect(row.find(({ text }) => text === "500")?.detail).toBe("kernel 7,200");
  });

  test("have the interval of the memory before that of the kernel", () => {
    const cells = idleCells("a", flat());
    for (const { samples, parameters } of cells)
      for (const [generation, sample] of samples.entries()) {
        const idle = Number(parameters["idleConnections"]);
        sample.serverRssBytes = 1e8 + idle * (500 + generation);
        sample.idleKernelBytes = 7200 * idle;
      }
    const [row = []] = costOf(cells).growth.rows;
    expect(row.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(/^\[\d+–\d+\] kernel 7,200$/),
    );
  });

  test("show system calls per op only when some were observed", () => {
    const cells = idleCells("a", flat());
    expect(column(costOf(cells).growth, "system calls")).toEqual(["no such column"]);
    const summary = cells.at(-1)?.summary;
    if (summary) summary.syscallsPerOp = { value: 2.05, low: 2, high: 2.1, unit: "calls/op" };
    expect(column(costOf(cells, idleCells("b", flat())).growth, "system calls")).toEqual(["2.05", "–"]);
  });

  test("take nothing from cells that may not be believed", () => {
    const { costs, growth } = costOf(idleCells("a", { ...linear, 10_000: "invalid" }));
    expect(column(costs, "10,000 idle")).toEqual(["–"]);
    expect(column(growth, "idle connections")).toEqual(["0 to 1,000"]);
  });
});

describe("what is seen", () => {
  test("separates costs that grow from those that do not", () => {
    const text = findings(idleCells("flat", flat()), idleCells("linear", linear));
    expect(text).toContain(
      "From 0 to 10,000 idle connections the cost of an echo rose by more than 25 % on linear (101 times).",
    );
    expect(text).toContain(
      "From 0 to 10,000 idle connections the cost of an echo did not rise by more than 25 % on flat (1.00 times).",
    );
  });

  test("says nothing of growth where nothing grows", () => {
    const text = findings(idleCells("a", flat()), idleCells("b", { ...flat(), 10_000: 4000 }));
    expect(text).not.toContain("rose");
    expect(text).toContain("did not rise by more than 25 % on a (1.00 times) and b (0.800 times).");
  });

  test("separates servers that were measured with other numbers of idle connections", () => {
    const text = findings(idleCells("far", linear), idleCells("near", { 0: 5000, 1000: 55_000 }));
    expect(text).toContain(
      "From 0 to 10,000 idle connections the cost of an echo rose by more than 25 % on far (101 times); from 0 to 1,000 idle connections on near (11.0 times).",
    );
  });

  test("does not decide when the generations disagree", () => {
    const text = findings(idleCells("wild", { ...flat(), 10_000: { cpuNs: 7000, spread: 0.6 } }));
    expect(text).toContain(
      "the generations are too far apart to say whether the cost of an echo rose by more than 25 % on wild",
    );
    expect(text).not.toContain("connections the cost of an echo rose");
  });

  test("does not decide from two generations", () => {
    const [one, other] = [
      { cpuNs: 5000, generations: 2 },
      { cpuNs: 50_000, generations: 2 },
    ];
    expect(findings(idleCells("few", { 0: one, 1000: other }))).toContain(
      "fewer than 3 generations have both ends, too few to say",
    );
  });

  test("says so when a server has one number only", () => {
    const text = findings(idleCells("once", { 0: 5000, 1000: "invalid" }));
    expect(text).toContain("once has a cost with 0 idle connections only");
    expect(text).not.toContain("of an echo");
  });

  test("says where a server failed and why", () => {
    const cells = idleCells("limited", {
      0: 5000,
      1000: { failed: CONNECTION_LOST },
      3000: { failed: "Later." },
    });
    expect(findings(cells)).toContain(
      `limited was measured with 0 and failed at 1,000 idle connections: ${CONNECTION_LOST}`,
    );
  });

  test("repeats the stderr of the server that failed", () => {
    const cells = idleCells("limited", { 0: 5000, 1000: { failed: CONNECTION_LOST } });
    cells.find(({ status }) => status === "failed")!.serverStderr = [
      "An fd_set ends at FD_SETSIZE (1024).",
      "at",
    ];
    expect(findings(cells)).toContain(
      `${CONNECTION_LOST}. Its stderr: "An fd_set ends at FD_SETSIZE (1024)."`,
    );
  });

  test("takes a failure that did not recur with more idle connections for a gap", () => {
    const text = findings(idleCells("a", { 0: 5000, 1000: { failed: "By chance." }, 3000: 5000 }));
    expect(text).not.toContain("failed at");
    expect(text).toContain("No cost was measured for a with 1,000 idle (failed).");
  });

  test("names every cell without a cost, with the reason", () => {
    const text = findings(
      idleCells("a", { 0: 5000, 1000: "invalid", 3000: "invalid" }),
      idleCells("b", { 0: "unavailable", 1000: "unavailable", 3000: "unavailable" }),
    );
    expect(text).toContain(
      "No cost was measured for a with 1,000 and 3,000 idle (invalid); b with 0, 1,000 and 3,000 idle (unavailable).",
    );
  });

  test("says where the load generator was the limit", () => {
    const cells = idleCells("fast", { ...flat(), 0: { cpuNs: 5000, isClientLimited: true } });
    expect(findings(cells)).toContain("The load generator was the limit for fast with 0 idle.");
  });

  test("gives the range of the time in wait and of events per wait, with names", () => {
    const text = findings(
      idleCells("busy", { 0: 1, 1000: { cpuNs: 1, waitShare: 0.02, eventsPerWait: 30 } }),
      idleCells("calm", { 0: 1, 1000: { cpuNs: 1, waitShare: 0.8, eventsPerWait: 1.5 } }),
    );
    expect(text).toContain("from 2.0 % on busy to 80.0 % on calm.");
    expect(text).toContain("Events that a wait returned there: from 1.50 on calm to 30.0 on busy.");
  });

  test("says that costlier waits return more events only of servers where both grew", () => {
    const outcomes = (last: number): Record<number, Outcome> => ({
      0: { cpuNs: 5000, eventsPerWait: 2 },
      1000: { cpuNs: 50_000, eventsPerWait: last },
    });
    const text = findings(idleCells("gathers", outcomes(20)), idleCells("same", outcomes(2)));
    expect(text).toContain("on gathers (from 2.00 to 20.0).");
    expect(text).not.toContain("same (from");
  });

  test("is nothing before anything was measured", () => {
    expect(findings(idleCells("a", { 0: "pending", 1000: "pending" }))).toBe(
      "No cost was measured for a with 0 and 1,000 idle (pending).",
    );
  });
});

test("a run without idle connections has no such section", () => {
  const cells = idleCells("plain", flat()).map((cell) => ({ ...cell, parameters: { connections: 64 } }));
  expect(idleCosts(cells)).toEqual([]);
});

test("a run with one number of idle connections has no such section", () => {
  expect(idleCosts(idleCells("a", { 1000: 5000 }))).toEqual([]);
});

test("each setting of the active connections has a section of its own", () => {
  const other = idleCells("a", flat()).map((cell) => ({
    ...cell,
    parameters: { ...cell.parameters, connections: 1 },
  }));
  expect(idleCosts([...idleCells("a", flat()), ...other]).map(({ settings }) => settings)).toEqual([
    "idle with 32 active connections, 64 B, tcp",
    "idle with 1 active connection, 64 B, tcp",
  ]);
});
