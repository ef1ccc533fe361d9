/**
 * A made-up run for tests: invented servers, invented numbers from a fixed seed, and one cell for every way a cell can
 * end. Nothing in it was measured.
 */
import type { Protocol } from "../../harness/contract.ts";
import { type Cell, type FloorSample, type Run, SCHEMA } from "../../harness/results/run.ts";
import type { Calibration } from "../../harness/results/calibration.ts";
import { cellStatus, summarise } from "../../harness/results/summary.ts";
import { createRandom, type Random } from "../../harness/statistics/random.ts";
import { makeSample, type Shape, type Workload } from "./fixture-samples.ts";

const ROUNDS = 5;

/** How the invented servers differ; `birch/poll` and `birch/epoll` are meant to tie. */
const SERVERS: { framework: string; variant: string; shape: Shape; shards?: number }[] = [
  { framework: "acorn", variant: "default", shape: { perSecond: 98_000, cpuNs: 8_700, p50Ns: 610_000 } },
  { framework: "birch", variant: "select", shape: { perSecond: 131_000, cpuNs: 6_900, p50Ns: 455_000 } },
  { framework: "birch", variant: "poll", shape: { perSecond: 162_000, cpuNs: 5_300, p50Ns: 371_000 } },
  { framework: "birch", variant: "epoll", shape: { perSecond: 164_000, cpuNs: 5_200, p50Ns: 366_000 } },
  { framework: "birch", variant: "uring", shape: { perSecond: 0, cpuNs: 0, p50Ns: 0 } },
  {
    framework: "cedar-native",
    variant: "epoll",
    shape: { perSecond: 215_000, cpuNs: 4_100, p50Ns: 280_000 },
  },
  { framework: "dogwood", variant: "default", shape: { perSecond: 71_000, cpuNs: 12_400, p50Ns: 840_000 } },
  {
    framework: "elm-shards",
    variant: "birch-epoll",
    shards: 2,
    shape: { perSecond: 151_000, cpuNs: 6_100, p50Ns: 402_000 },
  },
  { framework: "fir", variant: "default", shape: { perSecond: 88_000, cpuNs: 9_900, p50Ns: 700_000 } },
];

const WORKLOADS: Workload[] = [
  {
    scenario: "echo",
    loop: "closed",
    operations: "echoes",
    parameters: { connections: 64, payloadBytes: 64, pipeline: 1 },
    protocols: ["tcp", "http"],
    scale: 1,
  },
  {
    scenario: "accept",
    loop: "churn",
    operations: "accepts",
    parameters: { connections: 64, payloadBytes: 64, closeMode: "fin" },
    protocols: ["tcp"],
    scale: 0.12,
  },
  {
    scenario: "latency",
    loop: "open",
    operations: "echoes",
    parameters: { ratePerSecond: 10_000, connections: 64, payloadBytes: 64, arrivals: "poisson" },
    protocols: ["tcp"],
    scale: 0,
  },
];

const FLOOR: FloorSample[] = Array.from({ length: ROUNDS }, (_, round) => ({
  round,
  payloadBytes: 64,
  operations: 25_000,
  cpuNsPerOp: 3_900 + 20 * round,
}));

let made: Run | undefined;

/** The same run every time, a copy for each caller. */
export function fixtureRun(): Run {
  made ??= makeRun();
  return structuredClone(made);
}

function makeRun(): Run {
  const random = createRandom(20_260_101);
  const cells = WORKLOADS.flatMap((workload) =>
    workload.protocols.flatMap((protocol) =>
      SERVERS.map((server) => makeCell(server, workload, protocol, random)),
    ),
  );
  return {
    schema: SCHEMA,
    id: "fixture-0001",
    startedAt: "2026-01-01T10:00:00.000Z",
    finishedAt: "2026-01-01T10:04:30.000Z",
    environment: {
      cpu: {
        model: "Fixture CPU 9000 @ 3.00GHz",
        count: 2,
        mitigations: { spectre_v2: "Mitigation: Retpolines; IBPB: conditional", mds: "Vulnerable" },
        governor: null,
      },
      memoryBytes: 8 * 1024 ** 3,
      kernel: "6.0.0-fixture",
      os: "Fixture Linux 1",
      hypervisor: "FixtureVM",
      stealShare: 0.0012,
      limits: { openFiles: 20_000, "net.core.somaxconn": "4096", cgroupCpuMax: null },
      versions: { node: "22.0.0", libuv: "1.50.0", acorn: "1.2.3" },
      git: { commit: "0123456789abcdef0123456789abcdef01234567", dirty: true },
      binaries: { node: "ab".repeat(32), addon: "cd".repeat(32) },
      calibration: makeCalibration(),
      calibrationRemark: "It is out of date: since then addon changed",
    },
    plan: {
      seed: 42,
      rounds: ROUNDS,
      retakes: 4,
      effort: "default",
      trace: "closed",
      warmupSeconds: 0.3,
      durationSeconds: 1,
      timeoutSeconds: 5,
      shards: 2,
      serverCpus: [0],
      clientCpus: [1],
      command: null,
      address: null,
      port: 0,
    },
    floor: FLOOR,
    cells,
    warnings: ["This is a made-up run for tests; none of its numbers was measured."],
  };
}

function makeCell(
  server: (typeof SERVERS)[number],
  workload: Workload,
  protocol: Protocol,
  random: Random,
): Cell {
  const { framework, variant, shape } = server;
  const { scenario, loop, operations, parameters } = workload;
  const settings = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const cell: Cell = {
    id: [framework, variant, protocol, scenario, settings.join(",")].join("/"),
    framework,
    variant,
    protocol,
    scenario,
    loop,
    operations,
    parameters,
    status: "pending",
    reason: null,
    serverStderr: [],
    version: "1.2.3",
    conformance: [{ name: "echoes one byte", passed: true, reason: null }],
    samples: [],
    ...backEndOf(framework, variant),
    trace: null,
    traceReason: null,
    summary: null,
  };
  if (variant === "uring") {
    return {
      ...cell,
      status: "unavailable",
      reason: "io_uring_setup: EPERM, blocked by seccomp.",
      version: null,
      conformance: null,
    };
  }
  if (framework === "dogwood" && protocol === "http") return failedCell(cell);
  const speed = protocol === "http" ? 0.55 : 1;
  for (let round = 0; round < ROUNDS; round++) {
    cell.samples.push(
      makeSample(
        cell,
        round,
        { ...shape, perSecond: shape.perSecond * speed },
        workload,
        server.shards,
        random,
      ),
    );
  }
  Object.assign(cell, cellStatus(cell.samples, ROUNDS));
  cell.trace = loop === "closed" ? makeTrace(cell) : null;
  cell.traceReason = cell.trace === null ? "Only closed loops are traced in this fixture." : null;
  cell.summary = summarise(cell.samples, operations, {
    floor: workload.loop === "churn" ? [] : FLOOR,
    trace: cell.trace,
  });
  return cell;
}

const WAIT_CALLS: Record<string, string> = {
  select: "pselect6",
  poll: "ppoll",
  epoll: "epoll_pwait2",
  "birch-epoll": "epoll_pwait2",
};

function waitCallOf(variant: string): string {
  return WAIT_CALLS[variant] ?? "epoll_pwait";
}

/** The foreign server promises nothing. */
function backEndOf(framework: string, variant: string): Pick<Cell, "backEnd"> {
  if (framework === "dogwood") return { backEnd: null };
  return { backEnd: { waitsIn: [waitCallOf(variant)], besides: ["io_uring_enter"] } };
}

function makeTrace({ framework, variant }: Cell): Cell["trace"] {
  const [read, write] = framework === "acorn" ? ["read", "writev"] : ["recvfrom", "sendto"];
  const isWhole = framework !== "fir";
  return {
    tool: isWhole ? "perf" : "strace",
    seconds: 0.152,
    operations: 12_000,
    operationsError: 60,
    calls: {
      [read as string]: framework === "acorn" ? 1.5 : 1.002,
      [write as string]: 1.001,
      [waitCallOf(variant)]: framework === "acorn" ? 0.31 : 0.0172,
      ...(isWhole ? { other: 0.0004 } : { getpid: 0.25 }),
    },
  };
}

function failedCell(cell: Cell): Cell {
  return {
    ...cell,
    status: "failed",
    reason: "The server exited with code 1 before it listened.",
    serverStderr: [
      "Error: listen EADDRINUSE: address already in use 127.0.0.1:3000",
      "    at Server.setupListenHandle (node:net:1937:16)",
    ],
    conformance: [{ name: "echoes one byte", passed: false, reason: "connect: refused" }],
  };
}

function makeCalibration(): Calibration {
  const row = { protocol: "tcp", loop: "open", delays: "bimodal", unit: "ns", passed: true } as const;
  return {
    startedAt: "2025-12-31T09:00:00.000Z",
    finishedAt: "2025-12-31T09:01:00.000Z",
    verdict: "failed",
    reason: "1 of 2 comparisons are outside their limits",
    seed: 7,
    rounds: 3,
    serverCpus: [0],
    clientCpus: [1],
    retakes: ["tcp open bimodal: processes waited for a CPU in 9.0 % of the time"],
    rows: [
      {
        ...row,
        quantity: "p50",
        ...{ expected: 210_000, recorded: 214_000, error: 4000, errors: [4000, 3000, 5000], limit: 20_000 },
      },
      {
        ...row,
        quantity: "max",
        ...{ expected: 5_010_000, recorded: 5_200_000, error: 190_000, errors: [190_000], limit: 100_200 },
        passed: false,
      },
    ],
    cpuModel: "Fixture CPU 9000 @ 3.00GHz",
    kernel: "6.0.0-fixture",
    versions: { node: "22.0.0" },
    binaries: { node: "ab".repeat(32), addon: "ef".repeat(32) },
  };
}
