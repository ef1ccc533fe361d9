/**
 * A made-up run for tests: invented servers, invented numbers from a fixed seed, and one cell for every way a cell can
 * end. Nothing in it was measured.
 */
import type { Loop, Parameters, Protocol } from "../../harness/contract.ts";
import {
  type Cell,
  type Distribution,
  type FloorSample,
  ERROR_CLASSES,
  type LoadResult,
  type Run,
  type Sample,
  SCHEMA,
  type Validity,
} from "../../harness/results/run.ts";
import { createHistogram, encodeHistogram, percentilesOf } from "../../harness/load/histogram.ts";
import type { Calibration } from "../../harness/results/calibration.ts";
import { COUNTERS, type Counters } from "../../harness/contract.ts";
import { cellStatus, summarise } from "../../harness/results/summary.ts";
import { createRandom, type Random } from "../../harness/statistics/random.ts";

const ROUNDS = 5;
const LATENCIES = 2000;

interface Shape {
  perSecond: number;
  cpuNs: number;
  p50Ns: number;
}

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

interface Workload {
  scenario: string;
  loop: Loop;
  operations: string;
  parameters: Parameters;
  protocols: Protocol[];
  /** Throughput relative to echo. */
  scale: number;
}

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

function makeSample(
  cell: Cell,
  round: number,
  shape: Shape,
  workload: Workload,
  shards: number | undefined,
  random: Random,
): Sample {
  const drift = 1 + 0.03 * (random.next() - 0.5);
  const perSecond = workload.loop === "open" ? 10_000 : shape.perSecond * workload.scale * drift;
  const isInvalid =
    cell.framework === "fir" && cell.scenario === "echo" && cell.protocol === "tcp" && round >= 2;
  const isLimited = cell.framework === "cedar-native" && cell.protocol === "tcp" && cell.scenario === "echo";
  const hasClock = cell.framework !== "acorn" || cell.scenario !== "accept";
  const operations = Math.round(perSecond);
  const load = makeLoad(operations, shape, workload, random, isInvalid);
  const counts = shards === undefined ? null : [Math.round(operations * 0.52), Math.round(operations * 0.48)];
  return {
    round,
    attempt: 0,
    seed: 42 + round,
    startedAt: `2026-01-01T10:0${round}:00.000Z`,
    status: isInvalid ? "invalid" : "ok",
    reason: isInvalid ? "3 of 98000 requests failed: 3 corrupt." : null,
    load,
    serverCpuNsPerOp: hasClock ? shape.cpuNs * (2 - drift) : null,
    clientCpuNsPerOp: workload.loop === "open" ? null : 3_300 * (2 - drift),
    serverUserShare: cell.framework === "dogwood" ? null : 0.34 + 0.02 * random.next(),
    serverContextSwitchesPerOp: 0.011 * drift,
    serverRssBytes: hasClock ? Math.round(61_000_000 * drift) : null,
    counters: cell.framework === "birch" ? makeCounters(operations) : null,
    connectionsPerShard: counts,
    machine: {
      stealShare: 0.001,
      cpuPressureShare: 0.012,
      othersCpuShare: 0.004,
      listenOverflows: 0,
      listenDrops: 0,
    },
    validity: makeValidity(isInvalid, isLimited),
  };
}

function makeCounters(operations: number): Sample["counters"] {
  const waits = Math.round(operations / 3);
  const counts = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Counters;
  return {
    operations,
    elapsedNs: 800_000_000,
    counts: {
      ...counts,
      waits,
      events: operations,
      reads: operations,
      writes: operations,
      timeInWaitNs: 40_000_000,
      crossings: null,
    },
  };
}

function makeValidity(isInvalid: boolean, isLimited: boolean): Validity {
  return {
    verdict: isInvalid ? "invalid" : isLimited ? "client-limited" : "valid",
    checks: [
      {
        name: "integrity",
        passed: !isInvalid,
        value: isInvalid ? 3 : 0,
        limit: 0,
        message: `${isInvalid ? 3 : 0} requests failed`,
      },
      {
        name: "client saturated",
        passed: !isLimited,
        value: isLimited ? 0.97 : 0.61,
        limit: 0.85,
        message: `the busiest generator thread used ${isLimited ? "97" : "61"} % of its CPU`,
      },
      { name: "steal", passed: true, value: null, limit: null, message: "steal time is not reported here" },
    ],
  };
}

function makeLoad(
  operations: number,
  shape: Shape,
  workload: Workload,
  random: Random,
  isInvalid: boolean,
): LoadResult {
  const isOpen = workload.loop === "open";
  const middle = isOpen ? shape.p50Ns * 0.18 : workload.loop === "churn" ? shape.p50Ns * 3 : shape.p50Ns;
  const errors = Object.fromEntries(
    ERROR_CLASSES.map((name) => [name, 0]),
  ) as LoadResult["accounting"]["errors"];
  errors.corrupt = isInvalid ? 3 : 0;
  return {
    windowSeconds: 1,
    operations,
    accounting: {
      sent: operations + errors.corrupt,
      ok: operations,
      inFlight: 0,
      errors,
      firstError: isInvalid ? "connection 7, message 1203: byte 12 differs" : null,
    },
    latency: makeDistribution(middle, 0.22, random),
    stages: makeStages(workload.loop, middle, random),
    serverCpuNs: operations * shape.cpuNs,
    clientCpuNs: isOpen ? null : operations * 3_300,
    clientBusyShare: [0.61],
    scheduled: isOpen ? operations : null,
    sentInWindow: isOpen ? operations : null,
    edgeInFlight: isOpen ? null : 0.2,
    meanInFlight: isOpen ? null : 63.8,
    seriesStepSeconds: 0.1,
    series: Array.from({ length: 10 }, (_, index) => Math.round((operations * (index + 1)) / 10)),
  };
}

function makeStages(loop: Loop, middleNs: number, random: Random): Record<string, Distribution> {
  if (loop === "open") return { sendLag: makeDistribution(900, 0.4, random) };
  if (loop === "closed") return {};
  return {
    connect: makeDistribution(middleNs * 0.3, 0.3, random),
    firstByte: makeDistribution(middleNs * 0.5, 0.3, random),
    close: makeDistribution(middleNs * 0.15, 0.3, random),
  };
}

/** Log-normal around a median, with one operation in 200 some ten times slower. */
export function makeDistribution(medianNs: number, spread: number, random: Random): Distribution {
  const histogram = createHistogram();
  for (let index = 0; index < LATENCIES; index++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const stall = random.below(200) === 0 ? 4 + 16 * random.next() : 1;
    histogram.recordValue(Math.max(1, Math.round(medianNs * Math.exp(spread * normal) * stall)));
  }
  return {
    count: histogram.totalCount,
    meanNs: histogram.mean,
    latencyNs: percentilesOf(histogram),
    histogram: encodeHistogram(histogram),
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
