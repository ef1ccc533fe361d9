import { expect, test } from "vitest";
import { readinessEffect } from "../../harness/reports/readiness.ts";
import type { Cell } from "../../harness/results/run.ts";

/** A cell whose rounds all cost `cpuNs` for each echo. */
function cell(framework: string, idleConnections: number, cpuNs: number, more: Partial<Cell> = {}): Cell {
  const estimate = { value: cpuNs, low: cpuNs, high: cpuNs, unit: "ns/op" };
  const rss = { value: 60e6 + idleConnections * 500, low: 0, high: 0, unit: "bytes" };
  const sample = { status: "ok", load: {}, serverCpuNsPerOp: cpuNs };
  return {
    framework,
    variant: "default",
    protocol: "tcp",
    parameters: { idleConnections, connections: 32, payloadBytes: 64 },
    status: "ok",
    reason: null,
    samples: [sample, sample],
    summary: { serverCpuNsPerOp: estimate, serverRssBytes: rss, eventsPerWait: null, waitShare: null },
    ...more,
  } as unknown as Cell;
}

const crowds = [0, 1000, 10_000];
const flat = crowds.map((crowd) => cell("flat", crowd, 5000));
const linear = crowds.map((crowd) => cell("linear", crowd, 5000 + crowd * 50));

test("a row for each server, a column for each crowd", () => {
  const [effect] = readinessEffect([...flat, ...linear]);
  expect(effect?.table.rows.map((row) => row[0]?.text)).toEqual(["flat", "linear"]);
  expect(effect?.table.rows[0]?.slice(1, 4).map(({ text }) => text)).toEqual(["5.00", "5.00", "5.00"]);
});

test("the slope tells flat from linear", () => {
  const [effect] = readinessEffect([...flat, ...linear]);
  const slopes = effect?.table.rows.map((row) => Number(row[4]?.text));
  expect(slopes?.[0]).toBeCloseTo(0);
  expect(slopes?.[1]).toBeGreaterThan(0.9);
});

test("memory is told for each silent connection", () => {
  expect(readinessEffect(flat)[0]?.table.rows[0]?.at(-1)?.text).toBe("500");
});

test("the finding says how much dearer an echo became", () => {
  expect(readinessEffect(linear)[0]?.findings).toEqual([
    "linear: beside 10,000 silent connections an echo cost 101.00 times what it cost without a crowd.",
  ]);
});

test("a wall is shown with the server's own reason", () => {
  const stopped = cell("walled", 1000, 1, {
    status: "failed",
    reason: "select: FD_SETSIZE.",
    summary: null,
    samples: [],
  });
  expect(readinessEffect([cell("walled", 0, 5000), stopped])[0]?.findings).toContain(
    "walled: stopped before 1,000 silent connections. select: FD_SETSIZE.",
  );
});

test("a run without crowds has no such section", () => {
  const plain = cell("plain", 0, 1);
  expect(readinessEffect([{ ...plain, parameters: { connections: 64 } }])).toEqual([]);
});
