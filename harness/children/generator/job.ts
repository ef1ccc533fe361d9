/**
 * A load job: what a scenario asked for, plus where, when and on which CPUs. Validated here, in words, so that the
 * native generator can trust it.
 */
import { createHash, randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";

import { PROTOCOLS, type LoadRequest, type Protocol } from "../../contract.ts";

/** The place of a job among those that load one server together, of which each is one shard of the load. */
interface Shard {
  /** The number of this job's first thread, from 0, among those of all shards. */
  firstThread: number;
  allThreads: number;
}

/** Connections and rate are those of the whole load, also where the job is only a shard of it. */
export interface LoadJob extends LoadRequest {
  protocol: Protocol;
  /** An IPv4 address. */
  host: string;
  port: number;
  /** The target of HTTP requests and WebSocket handshakes; `/echo` unless set. */
  path?: string;
  /** The Sec-WebSocket-Key of every handshake: 16 bytes in base64. Random unless set. */
  websocketKey?: string;
  /** Fixes the contents of messages and the arrival schedule; a whole number from 0. */
  seed: number;
  warmupSeconds: number;
  durationSeconds: number;
  /** How long connecting, an answer, or a churn operation may take. */
  timeoutSeconds: number;
  threads: number;
  /** Thread i is pinned to `cpus[i % cpus.length]`; empty leaves threads wherever the process may run. */
  cpus: readonly number[];
  /** Open loop: poll without sleeping, on a CPU of its own. */
  spin: boolean;
  /** The processes whose CPU clocks are read as the server's. */
  serverPids: readonly number[];
  /** Absent where the job is the whole load. */
  shard?: Shard;
}

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
  /** 0 of 0 threads: the job is the whole load. */
  firstThread: number;
  allThreads: number;
  cpus: number[];
  spin: boolean;
  serverPids: number[];
}

const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;
/** The generator knows a datagram by its first bytes; IPv4 has room for no more than this. */
const LEAST_DATAGRAM_BYTES = 16;
const MOST_DATAGRAM_BYTES = 65_504;
/** What one receipt of the discard service is for. */
const DISCARD_BYTES = 1_000_000;
const MAX_SECONDS = 3600;
const MOST_THREADS = 256;
const MOST_ALL_THREADS = 65_536;

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high)
    throw new RangeError(`${name} is ${value}, but must be a whole number from ${low} to ${high}.`);
}

function requireSeconds(name: string, value: number, low: number): void {
  if (!(value >= low && value <= MAX_SECONDS))
    throw new RangeError(`${name} is ${value}, but must be from ${low} to ${MAX_SECONDS} seconds.`);
}

function requireOneOf(name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value))
    throw new RangeError(`${name} is '${value}', but must be one of ${choices.join(", ")}.`);
}

function validateTarget(job: LoadJob): void {
  requireOneOf("protocol", job.protocol, PROTOCOLS);
  if (!isIPv4(job.host)) throw new RangeError(`host is '${job.host}', but must be an IPv4 address.`);
  requireWhole("port", job.port, 1, 65_535);
  if (job.path !== undefined && !/^\/[!-~]*$/.test(job.path))
    throw new RangeError(`path is '${job.path}', but must start with / and have no spaces.`);
  if (job.websocketKey !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(job.websocketKey))
    throw new RangeError(`websocketKey is '${job.websocketKey}', but must be 16 bytes in base64.`);
}

function validateLoop(job: LoadJob): void {
  requireOneOf("loop", job.loop, ["closed", "open", "churn"]);
  if (job.loop === "open") {
    if (!(job.ratePerSecond !== undefined && job.ratePerSecond > 0 && job.ratePerSecond <= 1e8))
      throw new RangeError(
        `ratePerSecond is ${job.ratePerSecond}, but an open loop needs a rate from 0 to 1e8.`,
      );
    requireOneOf("arrivals", job.arrivals ?? "", ["constant", "poisson"]);
  }
  if (job.loop === "churn") requireOneOf("closeMode", job.closeMode ?? "", ["fin", "rst"]);
  if (job.spin && job.loop !== "open")
    throw new RangeError(`spin is for the open loop, but the loop is ${job.loop}.`);
}

/** A thread without a connection would have nothing to do, so that the shards would not be what one load is. */
function validateShard({ threads, connections }: LoadJob, { firstThread, allThreads }: Shard): void {
  requireWhole("allThreads of the shards", allThreads, threads, Math.min(connections, MOST_ALL_THREADS));
  requireWhole("firstThread of the shard", firstThread, 0, allThreads - threads);
}

/** Throws a RangeError that names the field and what it must be. */
export function validateJob(job: LoadJob): void {
  validateTarget(job);
  validateLoop(job);
  requireWhole("connections", job.connections, 1, 1_000_000);
  requireWhole("payloadBytes", job.payloadBytes, 1, MAX_PAYLOAD_BYTES);
  if (job.protocol === "udp") {
    requireOneOf("loop over udp", job.loop, ["closed"]);
    requireWhole("payloadBytes over udp", job.payloadBytes, LEAST_DATAGRAM_BYTES, MOST_DATAGRAM_BYTES);
  }
  if (job.protocol === "discard") {
    requireOneOf("loop over discard", job.loop, ["closed"]);
    requireWhole("payloadBytes over discard", job.payloadBytes, DISCARD_BYTES, DISCARD_BYTES);
  }
  requireWhole("pipeline", job.pipeline, 1, 65_536);
  requireWhole("seed", job.seed, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("threads", job.threads, 1, MOST_THREADS);
  if (job.shard !== undefined) validateShard(job, job.shard);
  for (const cpu of job.cpus) requireWhole("cpus", cpu, 0, 1023);
  for (const pid of job.serverPids) requireWhole("serverPids", pid, 1, 2 ** 22);
  requireSeconds("warmupSeconds", job.warmupSeconds, 0);
  requireSeconds("durationSeconds", job.durationSeconds, 0.001);
  requireSeconds("timeoutSeconds", job.timeoutSeconds, 0.001);
}

/** The job with every field that the native generator reads. The job must be valid. */
export function nativeJob(job: LoadJob): NativeJob {
  const websocketKey = job.websocketKey ?? randomBytes(16).toString("base64");
  const websocketAccept = createHash("sha1")
    .update(`${websocketKey}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  return {
    loop: job.loop,
    protocol: job.protocol,
    host: job.host,
    port: job.port,
    path: job.path ?? "/echo",
    websocketKey,
    websocketAccept,
    connections: job.connections,
    payloadBytes: job.payloadBytes,
    pipeline: job.pipeline,
    ratePerSecond: job.loop === "open" ? (job.ratePerSecond ?? 0) : 0,
    arrivals: job.arrivals ?? "constant",
    closeMode: job.closeMode ?? "fin",
    seed: job.seed,
    warmupSeconds: job.warmupSeconds,
    durationSeconds: job.durationSeconds,
    timeoutSeconds: job.timeoutSeconds,
    threads: job.threads,
    ...(job.shard ?? { firstThread: 0, allThreads: 0 }),
    cpus: [...job.cpus],
    spin: job.spin,
    serverPids: [...job.serverPids],
  };
}
