/**
 * The typed face of the native addon. It only loads and describes; each part of the addon is wrapped by the room that
 * uses it.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** A job as the native load generator takes it: every field is there, and validated by the caller. */
export interface NativeJob {
  loop: "closed" | "open" | "churn";
  protocol: string;
  host: string;
  port: number;
  /** The target of HTTP requests and of the WebSocket handshake. */
  path: string;
  /** The handshake's Sec-WebSocket-Key, and the Sec-WebSocket-Accept that the server must answer. */
  websocketKey: string;
  websocketAccept: string;
  connections: number;
  payloadBytes: number;
  pipeline: number;
  /** 0 except in the open loop. */
  ratePerSecond: number;
  arrivals: "constant" | "poisson";
  closeMode: "fin" | "rst";
  seed: number;
  warmupSeconds: number;
  durationSeconds: number;
  timeoutSeconds: number;
  threads: number;
  cpus: number[];
  spin: boolean;
  serverPids: number[];
}

/** Durations counted in HdrHistogram's buckets (lowest 1 ns, three significant digits). */
export interface NativeHistogram {
  count: number;
  sumNs: number;
  minNs: number;
  maxNs: number;
  /** Lowest value of a bucket and its count, in turn, ascending; empty buckets are left out. */
  pairs: Float64Array;
}

export interface NativeResult {
  /** Length of the window; 0 when the run ended before it began. */
  windowNs: number;
  operations: number;
  sent: number;
  ok: number;
  inFlight: number;
  errors: Record<string, number>;
  firstError: string | null;
  latency: NativeHistogram;
  stages: Record<string, NativeHistogram>;
  serverCpuNs: number | null;
  processCpuNs: number | null;
  threadCpuNs: Float64Array;
  scheduled: number;
  sentInWindow: number;
  /** Integral of requests in flight over the window, in requests times nanoseconds. */
  inFlightAreaNs: number;
  /** Closed loop: time in flight inside the window that `latency` misses, less the time outside that it holds. */
  edgeAreaNs: number;
  /** Operations completed in each 100 ms of the window; not cumulative. */
  series: Float64Array;
}

export interface LoadgenAddon {
  /** Runs a job; rejects when the generator itself cannot work. A server's faults are in the result. */
  run(job: NativeJob, page: ArrayBuffer): Promise<NativeResult>;
  /** A page of shared memory, and the path by which another process of this user maps it while this one lives. */
  createCounters(): { page: ArrayBuffer; path: string };
  /** Maps the page of another process for reading; writing to it ends the process. Throws when it cannot be opened. */
  mapCounters(path: string): ArrayBuffer;
  /** CPU time of these processes together, in nanoseconds, or null when there are none or one cannot be read. */
  readCpuNs(pids: readonly number[]): number | null;
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

/** An echo server with one blocking thread for each connection; it listens from construction on. */
export interface BlockingEcho {
  readonly port: number;
  /** Ends every connection and thread; may be called twice. */
  close(): void;
}

export interface Addon {
  blocking: {
    /** Throws an Error that names the call and its errno. Port 0 lets the kernel choose. */
    BlockingEcho: new (host: string, port: number) => BlockingEcho;
  };
  loadgen: LoadgenAddon;
}

export const ADDON_PATH = fileURLToPath(new URL("../build/Release/readymark.node", import.meta.url));

function load(): Addon {
  try {
    return createRequire(import.meta.url)(ADDON_PATH) as Addon;
  } catch (error) {
    throw new Error(
      `The native addon could not be loaded from ${ADDON_PATH}. Build it with 'npm run setup', which needs a C++20 compiler.`,
      { cause: error },
    );
  }
}

export const addon: Addon = load();

/** CPU time of these processes together, in nanoseconds, or null when there are none or one cannot be read. */
export function readCpuNs(pids: readonly number[]): number | null {
  return addon.loadgen.readCpuNs(pids);
}
