/** Made-up runs of echoes beside crowds of silent connections. Nothing in them was measured. */
import { COUNTERS, type Counters } from "../../harness/contract.ts";
import type { Cell, Run, Sample } from "../../harness/results/run.ts";
import { cellStatus, summarise } from "../../harness/results/summary.ts";
import { fixtureRun } from "./fixture.ts";

const ROUNDS = 5;

interface Told {
  cpuNs: number;
  /** Every round strays from `cpuNs` by up to this share. */
  spread?: number;
  rounds?: number;
  eventsPerWait?: number;
  waitShare?: number;
  isClientLimited?: boolean;
}

/** What one cell came to: a cost, or how it ended without one. */
export type Outcome = number | Told | "invalid" | "unavailable" | "pending" | { failed: string };

/** The cells of one server, by the size of the crowd. */
export function crowdCells(server: string, outcomes: Record<number, Outcome>): Cell[] {
  const [framework = server, variant = "default"] = server.split("/");
  const model = fixtureRun().cells.find(
    ({ status, framework }) => status === "ok" && framework === "birch",
  ) as Cell;
  return Object.entries(outcomes).map(([crowd, outcome]) => {
    const parameters = { idleConnections: Number(crowd), connections: 32, payloadBytes: 64 };
    const id = `${server}/tcp/idle/idleConnections=${crowd}`;
    const cell: Cell = { ...structuredClone(model), id, framework, variant, parameters, scenario: "idle" };
    return ended(cell, outcome);
  });
}

function ended(cell: Cell, outcome: Outcome): Cell {
  const empty = { ...cell, samples: [], summary: null };
  if (typeof outcome === "object" && "failed" in outcome)
    return { ...empty, status: "failed", reason: outcome.failed };
  if (outcome === "pending") return { ...empty, status: "pending", reason: null };
  if (outcome === "unavailable") return { ...empty, status: "unavailable", reason: "Not here." };
  if (outcome === "invalid") {
    const samples = told(cell, { cpuNs: 1 }).map((sample) => ({
      ...sample,
      status: "invalid" as const,
      reason: "Stolen.",
    }));
    return { ...cell, samples, ...cellStatus(samples, ROUNDS), summary: summarise(samples, "echoes") };
  }
  const samples = told(cell, typeof outcome === "number" ? { cpuNs: outcome } : outcome);
  return { ...cell, samples, ...cellStatus(samples, samples.length), summary: summarise(samples, "echoes") };
}

function told(cell: Cell, told: Told): Sample[] {
  const { cpuNs, spread = 0, rounds = ROUNDS, eventsPerWait = 4, waitShare = 0.1 } = told;
  const [model] = cell.samples as [Sample, ...Sample[]];
  return Array.from({ length: rounds }, (_, round) => {
    const sample = structuredClone(model);
    const stray = rounds === 1 ? 0 : (2 * round) / (rounds - 1) - 1;
    const counts = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Counters;
    Object.assign(sample, { round, serverCpuNsPerOp: cpuNs * (1 + spread * stray) });
    Object.assign(sample, { serverRssBytes: 60e6 + 500 * Number(cell.parameters["idleConnections"]) });
    sample.counters = {
      operations: 1000,
      elapsedNs: 1e9,
      counts: { ...counts, waits: 1000, events: 1000 * eventsPerWait, timeInWaitNs: 1e9 * waitShare },
    };
    if (told.isClientLimited && sample.validity) sample.validity.verdict = "client-limited";
    return sample;
  });
}

/** A run of nothing but these cells. */
export function crowdRun(...servers: Cell[][]): Run {
  return { ...fixtureRun(), cells: servers.flat() };
}

export const LET_GO =
  "Round 1: the server let go of an idle connection when it held 1088 (the server closed it)";

/** Costs as they may well be: some rise, some stop, some stay level, some could not be measured. */
export function manyServers(): Cell[][] {
  const level = (cpuNs: number): Record<number, Outcome> => ({
    0: { cpuNs, spread: 0.04 },
    100: { cpuNs: cpuNs * 1.01, spread: 0.03 },
    1000: { cpuNs: cpuNs * 1.03, spread: 0.05 },
    3000: { cpuNs: cpuNs * 1.05, spread: 0.02 },
    10_000: { cpuNs: cpuNs * 1.08, spread: 0.06 },
  });
  const rising = (cpuNs: number, each: number): Record<number, Outcome> =>
    Object.fromEntries(
      [0, 100, 1000, 3000, 10_000].map((crowd) => [
        crowd,
        { cpuNs: cpuNs + each * crowd, spread: 0.05, eventsPerWait: 4 + crowd / 500, waitShare: 0.6 },
      ]),
    );
  const stopping = (cpuNs: number): Record<number, Outcome> => ({
    ...rising(cpuNs, 0.9),
    1000: { failed: LET_GO },
    3000: { failed: LET_GO },
    10_000: { failed: LET_GO },
  });
  return [
    crowdCells("reactor/select", stopping(6100)),
    crowdCells("reactor/select-unbounded", rising(6200, 1.1)),
    crowdCells("reactor/poll", rising(6000, 3.1)),
    crowdCells("reactor/epoll", level(6050)),
    crowdCells("reactor/epoll-et", level(6300)),
    crowdCells("reactor/uring-poll", { ...level(6900), 10_000: "invalid" }),
    crowdCells("native-echo/select", stopping(4900)),
    crowdCells("native-echo/select-unbounded", rising(5000, 1)),
    crowdCells("native-echo/poll", rising(4800, 2.9)),
    crowdCells("native-echo/epoll", { ...level(4800), 0: { cpuNs: 5200, isClientLimited: true } }),
    crowdCells("native-echo/epoll-et", level(5000)),
    crowdCells("native-echo/uring-poll", level(5900)),
    crowdCells("thread-per-connection", { ...level(15_000), 10_000: { failed: "No thread was left." } }),
    crowdCells("node-net", level(10_200)),
  ];
}
