/** A load generator as the cross-check sees it: ours, or somebody else's. */

export interface Target {
  host: string;
  port: number;
  serverPids: readonly number[];
}

export interface Load {
  connections: number;
  payloadBytes: number;
  seconds: number;
  cpus: readonly number[];
  seed: number;
}

export interface Observed {
  requestsPerSecond: number;
  /** CPU time of the client's process per request; it blocks when it has nothing to do. */
  clientCpuNsPerRequest: number;
  /** In nanoseconds, to the resolution the tool has; null where it tells none. */
  latencyNs: { p50: number; p99: number } | null;
}

export interface Engine {
  name: string;
  /** The version that will run, or why it cannot. */
  availability(): Promise<{ available: true; version: string } | { available: false; reason: string }>;
  /** Sends HTTP POST echoes in a closed loop for `seconds`. Rejects when a request failed. */
  run(target: Target, load: Load): Promise<Observed>;
}
