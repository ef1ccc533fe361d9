/** The invented samples of the made-up run. */
import {
  COUNTERS,
  type Counters,
  type Loop,
  type Parameters,
  type Protocol,
} from "../../harness/contract.ts";
import {
  type Cell,
  type Distribution,
  ERROR_CLASSES,
  type LoadResult,
  type Sample,
  type Validity,
} from "../../harness/results/run.ts";
import { createHistogram, encodeHistogram, percentilesOf } from "../../harness/results/histogram.ts";
import type { Random } from "../../harness/statistics/random.ts";

const LATENCIES = 2000;

/** What an invented server can do. */
export interface Shape {
  perSecond: number;
  cpuNs: number;
  p50Ns: number;
}

export interface Workload {
  scenario: string;
  loop: Loop;
  operations: string;
  parameters: Parameters;
  protocols: Protocol[];
  /** Throughput relative to echo. */
  scale: number;
}

export function makeSample(
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
    clientWaitShare: [0.002],
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
