/** The native load generator, as native/loadgen/addon.cc exports it. */
import { addon } from "../../../native/index.ts";
import type { NativeJob } from "./job.ts";
import type { NativeHistogram, NativeResult } from "./native-result.ts";

export interface NativeGenerator {
  Session: new (job: NativeJob, page: ArrayBuffer) => NativeSession;
  /** Runs a job; rejects when the generator itself cannot work. A server's faults are in the result. */
  run(job: NativeJob, page: ArrayBuffer): Promise<NativeResult>;
  /** A page of shared memory, and the path by which another process of this user maps it while this one lives. */
  createCounters(): { page: ArrayBuffer; path: string };
  /** Maps the page of another process for reading; writing to it ends the process. Throws when it cannot be opened. */
  mapCounters(path: string): ArrayBuffer;
  /** The histogram that the generator would have recorded for these durations in nanoseconds. */
  histogramOf(valuesNs: Float64Array): NativeHistogram;
  /** The first `count` due times of one thread, in nanoseconds from the start of the load. */
  scheduleOf(options: {
    arrivals: "constant" | "poisson";
    ratePerSecond: number;
    seed: number;
    thread: number;
    threads: number;
    count: number;
  }): Float64Array;
}

/** One slice of load on a session's connections. */
export interface NativeSlice {
  /** When to begin, nanoseconds of this machine's monotonic clock; 0 for as soon as possible. */
  startNs: number;
  /** Load before the window, which no number holds. */
  discardSeconds: number;
  durationSeconds: number;
  /** Of the arrivals, so that no two slices meet the same bursts. */
  seed: number;
  /**
   * In an open loop, a request that is unanswered for so long when the window ends puts that end off until none is, so
   * that a stall counts whole; 0 ends the window in any case.
   */
  stallSeconds: number;
  /** Processes whose CPU time in the window is read beside the server's. */
  neighbourPids: readonly number[];
}

/** The connections to one server, which stay while slices of load come and go. One call at a time. */
interface NativeSession {
  open(): Promise<void>;
  /** Rejects when the generator itself cannot work; a server's faults are in the result, and end the session's load. */
  run(slice: NativeSlice): Promise<NativeResult>;
  /** Ends the session, which cannot be used afterwards. */
  close(): Promise<void>;
}

export const nativeGenerator = addon.loadgen as unknown as NativeGenerator;
