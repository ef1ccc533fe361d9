/** What a bench does where its request leaves it open, fixed before anything is measured. */
import type { Effort } from "../contract.ts";

/** Rounds, seconds and traced cells of each effort; a request's own value overrides each. */
export const USUAL = {
  // Shorter windows leave time for a warm-up in which Node.js has compiled what it runs.
  quick: { rounds: 3, warmupSeconds: 0.4, durationSeconds: 0.2, trace: "none" },
  default: { rounds: 5, warmupSeconds: 0.45, durationSeconds: 0.4, trace: "closed" },
  full: { rounds: 10, warmupSeconds: 1, durationSeconds: 3, trace: "all" },
} as const satisfies Record<Effort, unknown>;

export const TIMEOUT_SECONDS = 5;
export const SHARDS = 2;

/** Samples that may be measured once more, as a share of those planned: enough for bursts, and bounded in time. */
export const RETAKE_SHARE = 0.1;
