/** The library that slows a server down from outside (native/slow), and what it can be told to add to each read. */
import { SLOW } from "../project.ts";
import type { Slowdown } from "../results/gate.ts";

export const NO_SLOWDOWN: Slowdown = { loops: 0, calls: 0, pauseUs: 0, pauseEvery: 0 };

/** The environment in which a server is slowed down. */
export function environmentOf({ loops, calls, pauseUs, pauseEvery }: Slowdown): Record<string, string> {
  return {
    LD_PRELOAD: SLOW,
    READYMARK_SLOW_LOOPS: String(Math.round(loops)),
    READYMARK_SLOW_CALLS: String(calls),
    READYMARK_SLOW_PAUSE_US: String(pauseUs),
    READYMARK_SLOW_PAUSE_EVERY: String(pauseEvery),
  };
}
