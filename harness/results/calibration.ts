/** The record of a calibration: `results/calibration.json`, which every run carries in its environment. */
import { STREAM_PROTOCOLS } from "../contract.ts";
import {
  type Static,
  define,
  the,
  orNull,
  text,
  timestamp,
  number,
  amount,
  count,
  oneOf,
  listOf,
  mapOf,
} from "./define.ts";

/** What is compared: percentiles of latency, or counts and shares where a percentile would say nothing. */
const QUANTITIES = [
  ...(["p50", "p90", "p99", "p99_9", "max"] as const),
  ...(["requests", "slowShare", "delayed", "spread"] as const),
] as const;
export type Quantity = (typeof QUANTITIES)[number];

const calibrationRow = define(
  "calibrationRow",
  "Expected against recorded. `expected`, `recorded` and `error` are those of the round that decides: the one with the middle error, or from `p99` on the one with the least.",
  {
    protocol: oneOf(STREAM_PROTOCOLS, "The wire protocol."),
    loop: oneOf(["closed", "open"], "How requests were scheduled."),
    delays: text("The server's delays, for example `constant`."),
    quantity: oneOf(
      QUANTITIES,
      "What is compared: a percentile of latency, the number of requests, the share of slow ones, the number that a stop delayed, or how far those are from an even spread.",
    ),
    unit: oneOf(["ns", "requests", "share"], "The unit of the numbers."),
    expected: number("What the server's own record says, in `unit`."),
    recorded: number("What the generator recorded, in `unit`."),
    error: number("Recorded less expected, in `unit`."),
    errors: listOf(number(), "The error in every round, in `unit`."),
    limit: amount("The largest error, either way, that passes, in `unit`."),
    outcome: oneOf(
      ["passed", "failed", "unclear"],
      "`passed`: the error is within the limit. `failed`: it is outside, and the 95 % interval of the errors over rounds lies outside too. `unclear`: the rounds differ by too much to say.",
    ),
  },
);
export interface CalibrationRow extends Static<typeof calibrationRow> {}

export const calibration = define(
  "calibration",
  "The load generator's own error, found with a server of known delays.",
  {
    startedAt: timestamp("When it started."),
    finishedAt: timestamp("When it finished."),
    verdict: oneOf(
      ["passed", "failed", "inconclusive"],
      "`inconclusive`: the machine was disturbed by too much to tell its errors from the generator's, or the generator itself called its samples invalid.",
    ),
    reason: orNull(text("Why it did not pass; null when it did.")),
    seed: count("Fixes the order and the delays."),
    rounds: count("How often each case was measured; some were measured more often, see `errors`.", {
      minimum: 1,
    }),
    serverCpus: listOf(count(), "The null server's CPUs."),
    clientCpus: listOf(count(), "The generator's CPUs."),
    retakes: listOf(text(), "Samples that were taken again, each with the reason."),
    rows: listOf(the(calibrationRow), "The comparisons; empty when too many samples were disturbed for any."),
    cpuModel: text("Model name of the CPU, as the kernel gives it."),
    kernel: text("Kernel release."),
    versions: mapOf(text(), "Versions of the runtime and its libraries, by name."),
    binaries: mapOf(
      text(undefined, { pattern: "^[0-9a-f]{64}$" }),
      "SHA-256 of what took part, hex, by name; one that differs today means that the calibration is out of date.",
    ),
  },
);
export interface Calibration extends Static<typeof calibration> {}
