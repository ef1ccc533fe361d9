/**
 * The live counters of a running load, read through shared memory without disturbing the generator. The page lives in
 * a memfd of the generator's process, so nothing is left behind however that process ends.
 */
import { nativeGenerator } from "./native-generator.ts";

const PHASES = ["connecting", "warm-up", "measuring", "draining", "done"] as const;
type Phase = (typeof PHASES)[number];

export interface LiveCounters {
  phase: Phase;
  /** Connections open now. */
  connected: number;
  /** Verified answers and failed requests since the run began, warm-up included. */
  ok: number;
  errors: number;
  /** Bytes received since the run began. */
  bytes: number;
  /** Operations completed inside the measured window. */
  operations: number;
}

/** Where the generator writes its counters: `page` for the native run, `path` for other processes. */
export interface CounterPage {
  page: ArrayBuffer;
  path: string;
}

export function createCounters(): CounterPage {
  return nativeGenerator.createCounters();
}

// The layout is that of LivePage in native/loadgen/live.h: 64-bit cells, eight to a cache line. The first line holds
// the phase and the number of threads, and each further line the counters of one thread.
const CELLS_PER_LINE = 8;

function read(page: ArrayBuffer): LiveCounters {
  const cells = new BigUint64Array(page);
  const threads = Number(cells[1]);
  const sum = (position: number): number => {
    let total = 0;
    for (let thread = 1; thread <= threads; thread++)
      total += Number(cells[thread * CELLS_PER_LINE + position]);
    return total;
  };
  return {
    phase: PHASES[Number(cells[0])] ?? "connecting",
    connected: sum(0),
    ok: sum(1),
    errors: sum(2),
    bytes: sum(3),
    operations: sum(4),
  };
}

/**
 * Opens the counters that another process announced by `path`. The returned function reads them, also after that
 * process has ended. Throws when the process has ended already or belongs to another user.
 */
export function openCounters(path: string): () => LiveCounters {
  const page = nativeGenerator.mapCounters(path);
  return () => read(page);
}
