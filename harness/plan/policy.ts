/** What a bench does where its request leaves it open, fixed before anything is measured. */
import type { Effort, Protocol } from "../contract.ts";

/** Generations, seconds, protocols and traced cells of each effort; a request's own value overrides each. */
export const USUAL = {
  quick: {
    generations: 3,
    warmupSeconds: 3,
    // With half as much the ratio of a server to itself spreads by 2.8 % between generations.
    durationSeconds: 0.6,
    trace: "none",
    protocols: ["tcp", "http"],
  },
  // More generations say more than longer ones: their spread is what the intervals are made of. With fewer than eight cycles
  // a fall of the cost is hard to tell from chance.
  default: { generations: 4, warmupSeconds: 3, durationSeconds: 0.48, trace: "closed", protocols: null },
  // Longer generations would not spread less, because two processes of one server differ in themselves; docs/gate.md has figures.
  full: { generations: 8, warmupSeconds: 4, durationSeconds: 1.2, trace: "all", protocols: null },
} as const satisfies Record<Effort, { protocols: readonly Protocol[] | null; [setting: string]: unknown }>;

/**
 * Long enough for the kernel's clocks and for a server to be itself, and short enough for the machine's speed to be the
 * same in all slices of a cycle: of 15 to 300 ms this length made the ratio of two equal servers spread least.
 */
export const SLICE_SECONDS = 0.06;
export const DISCARD_SECONDS = 0.01;
/** Over agents a slice costs some hundredths of a second more, so it is longer. */
export const AGENT_SLICE_SECONDS = 0.25;
/** Ten times as much as agents may begin apart. */
export const AGENT_DISCARD_SECONDS = 0.05;
export const WARMUP_LIMIT_SECONDS = 10;
export const TIMEOUT_SECONDS = 5;
export const SHARDS = 2;
