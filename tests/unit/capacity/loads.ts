/** Loads of an invented server, so that a search can be compared with a capacity that is known. */
import type { SearchLoads } from "../../../harness/capacity/search.ts";
import { ERROR_CLASSES, type LoadResult, type Percentiles } from "../../../harness/results/run.ts";

export interface InventedStep {
  /** Every percentile of the latency. */
  latencyNs: number;
  /** Requests answered in the window, as a share of those due in it. */
  answeredShare?: number;
  /** Requests sent in the window, as a share of those due in it. */
  sentShare?: number;
  /** Every percentile of the send lag. */
  lagNs?: number;
  corrupt?: number;
  timedOut?: number;
}

export interface InventedServer extends SearchLoads {
  /** The offered rates, in the order they were asked for. */
  offered: number[];
}

/** `answer` says what an open loop at a rate sees; `visit` counts the loads at all rates. */
export function inventedServer(
  closedPerSecond: number,
  answer: (ratePerSecond: number, visit: number) => InventedStep,
): InventedServer {
  const offered: number[] = [];
  return {
    offered,
    closed: async ({ durationSeconds }) =>
      loadOf(closedPerSecond * durationSeconds, durationSeconds, null, { latencyNs: 100_000 }),
    open: async (ratePerSecond, { durationSeconds }) => {
      offered.push(ratePerSecond);
      const step = answer(ratePerSecond, offered.length - 1);
      const due = Math.round(ratePerSecond * durationSeconds);
      return loadOf(due * (step.answeredShare ?? 1), durationSeconds, due, step);
    },
  };
}

function loadOf(
  operations: number,
  windowSeconds: number,
  scheduled: number | null,
  { latencyNs, sentShare = 1, lagNs = 1000, corrupt = 0, timedOut = 0 }: InventedStep,
): LoadResult {
  const count = Math.round(operations);
  const noErrors = Object.fromEntries(ERROR_CLASSES.map((name) => [name, 0])) as Record<
    (typeof ERROR_CLASSES)[number],
    number
  >;
  const all = (ns: number): Percentiles => ({ p50: ns, p90: ns, p99: ns, p99_9: ns, max: ns });
  const distribution = (ns: number) => ({ count, meanNs: ns, latencyNs: all(ns), histogram: "" });
  return {
    windowSeconds,
    operations: count,
    accounting: {
      sent: count + corrupt + timedOut,
      ok: count,
      inFlight: 0,
      errors: { ...noErrors, corrupt, timedOut },
      firstError: corrupt > 0 ? "connection 3, message 5: byte 0 is wrong" : null,
    },
    latency: distribution(latencyNs),
    stages: { sendLag: distribution(lagNs), fromSend: distribution(latencyNs - lagNs) },
    serverCpuNs: null,
    neighboursCpuNs: null,
    clientCpuNs: null,
    clientLongestPauseNs: 0,
    clientBusyShare: [],
    clientWaitShare: null,
    scheduled,
    sentInWindow: scheduled === null ? null : scheduled * sentShare,
    edgeInFlight: null,
    meanInFlight: null,
    series: [],
    seriesStepSeconds: 0.01,
  };
}
