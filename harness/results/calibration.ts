/** The shape of `results/calibration.json`, which every run carries in its environment; see `harness/calibrate`. */
import type { Loop, Protocol } from "../contract.ts";

/** What is compared: percentiles of latency, or counts and shares where a percentile would say nothing. */
export const QUANTITIES = [
  "p50",
  "p90",
  "p99",
  "p99_9",
  "max",
  "requests",
  "slowShare",
  "delayed",
  "spread",
] as const;
export type Quantity = (typeof QUANTITIES)[number];

/**
 * One comparison over all rounds. `expected`, `recorded` and `error` are those of the round that decides: the one with
 * the middle error, or from `p99` on the one with the least, because whatever interrupts a client for a moment only makes
 * its slowest slower.
 */
export interface CalibrationRow {
  protocol: Protocol;
  loop: Exclude<Loop, "churn">;
  /** The name of the server's delays, for example `constant`. */
  delays: string;
  quantity: Quantity;
  /** `ns` for a latency, `requests` for a count, `share` for a part of 1. */
  unit: "ns" | "requests" | "share";
  expected: number;
  recorded: number;
  /** Recorded less expected. */
  error: number;
  /** The error in every round, in order. */
  errors: number[];
  /** The largest error, either way, that passes. */
  limit: number;
  passed: boolean;
}

export interface Calibration {
  startedAt: string;
  finishedAt: string;
  /** `inconclusive`: the machine was disturbed, or the generator itself called its samples invalid. */
  verdict: "passed" | "failed" | "inconclusive";
  /** Why it did not pass; null when it did. */
  reason: string | null;
  seed: number;
  rounds: number;
  serverCpus: number[];
  clientCpus: number[];
  /** Samples that were taken again, each with the reason. */
  retakes: string[];
  /** Empty when it is inconclusive: what was seen then says nothing. */
  rows: CalibrationRow[];
  cpuModel: string;
  kernel: string;
  versions: Record<string, string>;
  /** SHA-256 of what took part, hex, by name; one that differs today means that the calibration is out of date. */
  binaries: Record<string, string>;
}
