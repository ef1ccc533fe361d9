/**
 * The contract between the harness and its plug-ins. This file imports nothing, so that a framework,
 * a scenario or a tool can depend on it without depending on the machine that measures.
 *
 * A framework is one folder, `frameworks/<name>/framework.ts`, whose default export is a `Framework`.
 * A scenario is one file, `scenarios/<name>.ts`, whose default export is a `Scenario`.
 */

/** Those that echo over connections, on which nothing is lost. */
export const STREAM_PROTOCOLS = ["tcp", "http", "ws"] as const;
export type StreamProtocol = (typeof STREAM_PROTOCOLS)[number];
export const PROTOCOLS = [...STREAM_PROTOCOLS, "udp", "discard"] as const;
/**
 * The wire protocol a server echoes over: raw bytes, HTTP/1.1 `POST` bodies, WebSocket messages, or datagrams. `discard` echoes
 * nothing: raw bytes are thrown away, and each megabyte gets a receipt, as protocols/discard.ts says.
 */
export type Protocol = (typeof PROTOCOLS)[number];

/** Whether something can run on this machine: with the version that will run, or the reason it cannot. */
export type Availability = { available: true; version: string } | { available: false; reason: string };

/** A conformance case that a server is known to fail, declared so that it does not count as a pass. */
export interface Deviation {
  protocol: Protocol;
  /** The name of the case in `harness/conformance`. */
  caseName: string;
  /** Whether it shows every time, or depends on timing that no client can control. */
  occurs: "always" | "sometimes";
  /** What the server does instead, in one sentence. */
  reason: string;
}

/** `--quick` measures the first, a bench without options the first two; the others are measured when they are named. */
export const TIERS = ["quick", "default", "named"] as const;
export type Tier = (typeof TIERS)[number];

/** What a server waits in, by the kernel's names of system calls. */
export interface BackEnd {
  /** It sleeps in one of these when it has nothing to do. */
  waitsIn: readonly string[];
  /** Calls that others sleep in, and that this one makes for another purpose; they are not taken for waits. */
  besides: readonly string[];
}

/** One way to run a framework, for example one multiplexer of the reactor. */
export interface Variant {
  name: string;
  /** What this variant does that its siblings do not, in one sentence. */
  description: string;
  protocols: readonly Protocol[];
  /** The smallest bench that includes it when the user names nothing. */
  tier: Tier;
  /** Whether several threads may listen on one port, so that `worker-shards` can shard it. */
  shardable: boolean;
  /** Cases beyond what an echo needs that this variant fails; the tests check that it really does. */
  deviations?: readonly Deviation[];
  /** What it waits in, which a traced pass checks; absent when it promises nothing. */
  backEnd?: BackEnd;
  /** Set when the main thread's Node.js loop does all its waiting, so that the loop's own metrics are the server's. */
  waitsInLibuv?: true;
  /** What answers requests where no JavaScript of Node.js does, such as "C++ in a thread of its own". */
  handledBy?: string;
  availability(): Promise<Availability>;
}

/** What the peers of a framework get of it: enough for `worker-shards` to wrap every other one without naming any. */
export interface Peer {
  name: string;
  /** The `file:` address of the framework's module, importable from a worker thread. */
  moduleUrl: string;
  variants: readonly Variant[];
}

/** How a server process reaches a peer: what survives being sent between processes. */
export interface PeerModule {
  name: string;
  moduleUrl: string;
  variants: readonly string[];
}

export interface ListenOptions {
  protocol: Protocol;
  variant: string;
  /** An IPv4 address to listen on. */
  host: string;
  /** The port to listen on; 0 lets the kernel choose. */
  port: number;
  /** Set SO_REUSEPORT, so that several threads listen on one port and the kernel spreads connections. */
  reusePort: boolean;
  /** How many worker threads a sharded server starts; others ignore it. */
  shards: number;
  /** The other frameworks, for a framework that wraps them. */
  peers: readonly PeerModule[];
}

/**
 * What a server did since it started, counted by itself, under the same names whatever its back end. A server that
 * cannot know one says null. Time is in nanoseconds.
 */
export const COUNTERS = [
  "waits",
  "events",
  "emptyWakes",
  "controls",
  "accepts",
  "rejected",
  "reads",
  "writes",
  "shortWrites",
  "eagains",
  "rearms",
  "staleDrops",
  "bufferExhaustion",
  "cqOverflows",
  "crossings",
  "timeInWaitNs",
] as const;
export type Counters = Record<(typeof COUNTERS)[number], number | null>;

/** A server that is listening. */
export interface RunningServer {
  port: number;
  /** The process that serves, where it is another than the one that listens here. */
  pid?: number;
  /** Connections accepted so far, one number per shard, in shard order; absent when the server does not count them. */
  connectionsPerShard?(): Promise<number[]>;
  /** What it counted so far; absent when it counts nothing itself. */
  counters?(): Promise<Counters>;
  /** Stops listening, drops open connections, and resolves when nothing is left running. */
  close(): Promise<void>;
}

/** A server under test. */
export interface Framework {
  name: string;
  /** One sentence for `--list` and the report. */
  description: string;
  /** `peers` are the frameworks that wrap no other; a framework that wraps no other ignores them. */
  variants(peers: readonly Peer[]): readonly Variant[];
  /** True for a framework that wraps its peers; it is then no peer of another. */
  wrapsPeers?: boolean;
  /** Starts the echo server; called once, in a fresh process of its own. Rejects with a sentence that says what to do. */
  listen(options: ListenOptions): Promise<RunningServer>;
}

/** How requests are scheduled: answer-driven, clock-driven, or one connection per request. */
export const LOOPS = ["closed", "open", "churn"] as const;
export type Loop = (typeof LOOPS)[number];

/** One piece of load, as a scenario asks for it. */
export interface LoadRequest {
  loop: Loop;
  connections: number;
  payloadBytes: number;
  /** Requests kept in flight on each connection (closed loop). */
  pipeline: number;
  /** Offered requests per second over all connections (open loop). */
  ratePerSecond?: number;
  arrivals?: "constant" | "poisson";
  /** How a churn connection ends: FIN waits for the server's FIN, RST resets. */
  closeMode?: "fin" | "rst";
}

/** How much is measured when the user names nothing. */
export const EFFORTS = ["quick", "default", "full"] as const;
export type Effort = (typeof EFFORTS)[number];

/** What a user chose, as far as scenarios may depend on it. */
export interface BenchOptions {
  effort: Effort;
  connections: readonly number[] | null;
  payloadBytes: readonly number[] | null;
  pipeline: readonly number[] | null;
  ratesPerSecond: readonly number[] | null;
  /** A latency objective in its one spelling, such as "p99<1ms"; null unless a search for the capacity was asked for. */
  objective: string | null;
  idleConnections: readonly number[] | null;
}

/** The settings that distinguish the cells of a scenario, by name; numbers carry their unit in the name. */
export type Parameters = Readonly<Record<string, number | string>>;

/** What one cell does to its server. */
export interface Workload {
  load: LoadRequest;
  /** Connections that are open beside the load's and silent, from processes of their own; none when absent. */
  idleConnections?: number;
  /**
   * The latency objective under which the highest offered rate is searched for by several short open loops; the load's
   * own rate is then no part of it.
   */
  objective?: string;
}

export interface Scenario {
  name: string;
  /** What it measures, in one sentence. */
  description: string;
  loop: Loop;
  /** What one operation is, plural: the throughput's unit is this per second. */
  operations: string;
  /** The smallest bench that includes it when the user names no scenario. */
  tier: Tier;
  /** The protocols it can be measured over; all when absent. */
  protocols?: readonly Protocol[];
  /** Those of them that a bench takes when the user names none, except with --full, so that it ends in minutes. */
  usualProtocols?: readonly Protocol[];
  /** One entry per cell that each framework and protocol gets. */
  parameters(options: BenchOptions): Parameters[];
  /** What the cell with these parameters does. */
  workload(parameters: Parameters): Workload;
}
