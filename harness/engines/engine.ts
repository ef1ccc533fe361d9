/** The interface of a load generator beside ours: another tool, or ours in the same form. */
import type { Protocol } from "../contract.ts";

interface Target {
  host: string;
  port: number;
  serverPids: readonly number[];
}

/** The warm-up of the engines that have such an option. */
export const WARMUP_SECONDS = 0.3;

/**
 * What a request of ours says of its body, and so those of every engine: a server reads each header, and one more is
 * several per cent of what Node's http does for a request.
 */
export const CONTENT_TYPE = "application/octet-stream";

export interface Load {
  protocol: "tcp" | "http";
  connections: number;
  payloadBytes: number;
  seconds: number;
  cpus: readonly number[];
  seed: number;
}

export interface Observed {
  requestsPerSecond: number;
  /** All that the server answered meanwhile, those of a warm-up included. */
  requests: number;
  /** How long it kept the server busy, its warm-up included. */
  loadedSeconds: number;
  /** CPU time of the client's process per request; it blocks when it has nothing to do. */
  clientCpuNsPerRequest: number;
  /** In nanoseconds, to the resolution the tool has; null where it reports none. */
  latencyNs: { p50: number; p99: number } | null;
}

export interface Engine {
  name: string;
  protocols: readonly Protocol[];
  /** What its numbers leave out, in a sentence; absent for one that leaves out nothing that ours reports. */
  caveat?: string;
  /** The steps of its latency, nanoseconds; absent where they are too small to matter. */
  latencyResolutionNs?: number;
  /** The version that will run, or why it cannot. */
  availability(): Promise<{ available: true; version: string } | { available: false; reason: string }>;
  /** Makes what it needs in a folder, which the caller removes afterwards. */
  prepare?(folder: string): Promise<void>;
  /**
   * Sends echoes, over HTTP by POST, in a closed loop for `seconds`. The folder is the one that `prepare` had, if there is
   * one. Rejects when a request failed.
   */
  run(target: Target, load: Load, folder?: string): Promise<Observed>;
}
