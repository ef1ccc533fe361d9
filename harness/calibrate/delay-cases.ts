/**
 * What the null server does in a calibration, and how it is loaded. Each is chosen so that a fault of the generator
 * shows: short delays show a constant error and rounding, two modes show a mixed-up order, a thin tail shows lost slow
 * samples, and a stopped server shows whether the clock starts when a request is due or only when it is sent.
 */
import type { Percentiles } from "../results/run.ts";
import type { Delay } from "./null-server.ts";

const MICROSECOND_NS = 1000;
const MILLISECOND_NS = 1_000_000;

export interface DelayCase {
  name: string;
  /** One sentence for the table's legend. */
  description: string;
  delays: readonly Delay[];
  /** Latencies that are compared. A percentile at a jump of the distribution is left to `slowShare`. */
  percentiles: readonly (keyof Percentiles)[];
  /** Where the modes part; null when there is one. */
  slowAboveNs: number | null;
  /** Closed loop: connections, each with one request in flight. Few, so that answers do not queue in the client. */
  closedConnections: number;
}

const CONSTANT: DelayCase = {
  name: "constant",
  description: "10 ms for every request",
  delays: [{ share: 1, delayNs: 10 * MILLISECOND_NS }],
  percentiles: ["p50", "p90", "p99", "p99_9", "max"],
  slowAboveNs: null,
  closedConnections: 32,
};

const BIMODAL: DelayCase = {
  name: "bimodal",
  description: "0.2 ms for 60 %, 5 ms for 40 %",
  delays: [
    { share: 0.6, delayNs: 200 * MICROSECOND_NS },
    { share: 0.4, delayNs: 5 * MILLISECOND_NS },
  ],
  percentiles: ["p50", "p90", "p99", "p99_9", "max"],
  slowAboveNs: 2.5 * MILLISECOND_NS,
  closedConnections: 8,
};

const TAIL: DelayCase = {
  name: "tail",
  description: "0.5 ms for 99 %, 20 ms for 1 %; p99 is at the jump, so the share of slow ones stands for it",
  delays: [
    { share: 0.99, delayNs: 500 * MICROSECOND_NS },
    { share: 0.01, delayNs: 20 * MILLISECOND_NS },
  ],
  percentiles: ["p50", "p90", "p99_9", "max"],
  slowAboveNs: 10 * MILLISECOND_NS,
  closedConnections: 4,
};

export const DELAY_CASES: readonly DelayCase[] = [CONSTANT, BIMODAL, TAIL];
/** The case whose transport costs hold for the stopped server too: its short delays are the shortest. */
export const NEAREST_TO_STOP = BIMODAL;

export const PAYLOAD_BYTES = 64;
/** Enough that every open-loop request finds a connection without an answer outstanding. */
export const OPEN_CONNECTIONS = 128;
export const OPEN_RATE_PER_SECOND = 5000;
export const WARMUP_SECONDS = 0.05;
/** Short, so that some of the windows escape every interruption even on a machine that has a few of them each second. */
export const WINDOW_SECONDS = 0.2;

/** The server is stopped by SIGSTOP in the middle of a window. */
export const STOP = {
  name: "stopped",
  description:
    "the server stopped for 200 ms at 10,000 requests/s; delayed: those over 5 ms, or half the stop (closed)",
  stopSeconds: 0.2,
  /** How long the window has run by then. */
  afterSeconds: 0.2,
  windowSeconds: 0.6,
  open: {
    delays: [{ share: 1, delayNs: 0 }] as readonly Delay[],
    ratePerSecond: 10_000,
    /** Beyond what catching up after the stop costs the requests that fall due meanwhile. */
    delayedAboveNs: 5 * MILLISECOND_NS,
  },
  closed: {
    // Without a delay the loop would be saturated, and show the machine instead of the stop.
    delays: [{ share: 1, delayNs: MILLISECOND_NS }] as readonly Delay[],
    connections: 4,
    delayedAboveNs: 100 * MILLISECOND_NS,
  },
} as const;
