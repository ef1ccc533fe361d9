/**
 * The typed bindings of the native addon. They only load and describe; each part of the addon is wrapped by the layer that
 * uses it.
 */
import { createRequire } from "node:module";
import { ADDON, PACKAGE_ROOT } from "./binaries.ts";

/** An echo server with one blocking thread for each connection; it listens from construction on. */
interface BlockingEcho {
  readonly port: number;
  /** Ends every connection and thread; may be called twice. */
  close(): void;
}

/** A way to wait, of the table in native/driver: readiness over a multiplexer, or io_uring's completions. */
export interface NativeKind {
  name: string;
  /** What it is and what a wait costs, in one sentence. */
  description: string;
  /** The system calls its wait may make, by their kernel names, separated by spaces. */
  waitsIn: string;
  /** How many descriptors it can watch at once; 0 when only the process's limit counts. */
  limit: number;
  /** Why it cannot run here, or null when it can. */
  obstacle: string | null;
}

export interface NativeListenOptions {
  /** A numeric IPv4 or IPv6 address. */
  host: string;
  port: number;
  /** A Unix socket in place of both; after a first character of zero a name of the abstract namespace. Empty for none. */
  path: string;
  /** A listening or bound socket in place of all three, which the listener then owns; negative for none. */
  fd: number;
  backlog: number;
  reusePort: boolean;
  ipv6Only: boolean;
  /** 0 for none. */
  keepAliveSeconds: number;
  /** There is no socket: connections come from `adopt` alone. */
  adoptsOnly: boolean;
  /** 0 for none. */
  idleTimeoutMs: number;
}

export interface NativeConnectOptions {
  /** A numeric IPv4 or IPv6 address. */
  host: string;
  port: number;
  /** As for listening. */
  path: string;
  /** 0 for none. */
  keepAliveSeconds: number;
  /** A numeric address of the same family; empty lets the kernel choose. */
  localAddress: string;
  /** 0 leaves it to the kernel. */
  connectTimeoutMs: number;
  /** 0 for none. */
  idleTimeoutMs: number;
}

export interface NativeDatagramOptions {
  /** A numeric IPv4 or IPv6 address. */
  host: string;
  port: number;
  reusePort: boolean;
  ipv6Only: boolean;
  /** 0 leaves these to the kernel. */
  receiveBufferBytes: number;
  sendBufferBytes: number;
  largestBytes: number;
}

/** What a UDP socket did. */
export interface DatagramCounts {
  received: number;
  sent: number;
  /** Arrived and were longer than the socket takes. */
  truncated: number;
  /** Not sent, because the kernel had no room for more, or refused them for another reason. */
  unsent: number;
  refused: number;
  /** Arrived when the receive buffer was full, counted by the kernel; or were not delivered when the socket was closed. */
  lost: number;
  /** System calls, each for many datagrams. */
  receiveCalls: number;
  sendCalls: number;
}

/**
 * What a driver did; the same names for every multiplexer. On uring, one system call submits and waits, so reads are
 * completions of receives, writes are send requests, and the time in waits contains the work of both.
 */
export interface ReactorCounters {
  /** Calls that wait, the events they returned, and those that returned none although they could sleep. */
  waits: number;
  events: number;
  emptyWakes: number;
  /** System calls that only change what is watched, or (uring) only submit requests. */
  controls: number;
  /** Requests armed again, the first of each connection not among them, and completion queue overflows (io_uring). */
  rearms: number;
  cqOverflows: number;
  accepts: number;
  /** Connections closed at once because there was no descriptor or no place for them. */
  rejected: number;
  /** Calls of recv and send; of these and of accept, those that found nothing to do; sends not taken whole at once. */
  reads: number;
  writes: number;
  eagains: number;
  shortWrites: number;
  /** Events and commands for a connection that was gone. */
  staleDrops: number;
  /** Reads put off because the batch had filled the receive slab, or used up its buffers. */
  bufferExhaustion: number;
  /** Times that JavaScript was entered. */
  crossings: number;
  timeInWaitNs: number;
}

/** Of a Unix socket the addresses are empty and the ports 0. */
export interface SocketAddresses {
  remoteAddress: string;
  remotePort: number;
  localAddress: string;
  localPort: number;
}

/** What the kernel knows of a TCP connection: `struct tcp_info`, of which linux/tcp.h says more. */
export interface TcpInfo {
  /** The smoothed round trip time and its mean deviation. */
  rttUs: number;
  rttVarUs: number;
  /** After so long without an acknowledgement it sends again. */
  retransmissionTimeoutUs: number;
  /** Segments sent again since the connection began. */
  retransmits: number;
  /** Segments under way that are taken for lost, and those not acknowledged yet. */
  lostSegments: number;
  unacknowledgedSegments: number;
  congestionWindowSegments: number;
  sendSegmentBytes: number;
  receiveSegmentBytes: number;
  pathMtuBytes: number;
  /** What the peer's kernel has acknowledged since the connection began. */
  acknowledgedBytes: number;
  /** What this kernel was given and has not sent yet. */
  notSentBytes: number;
}

/** One driver in this thread's event loop. reactor/layout.ts describes the memory that it shares. */
export interface NativeReactor {
  /** Throws an error with `call` and `errno` when a system call failed. */
  listen(options: NativeListenOptions): { listener: number; port: number; fd: number };
  /**
   * Begins a connection, which an event opens, or closes, later. Throws an error with `call` and `errno` when a system
   * call failed.
   */
  connect(options: NativeConnectOptions): { slot: number; generation: number };
  /** Returns how many connections it opened in all; the events of the last ones may be still to come. */
  closeListener(listener: number): number;
  /** Throws an error with `call` and `errno`. */
  openDatagrams(options: NativeDatagramOptions): { socket: number; port: number };
  /** Returns what the socket did. */
  closeDatagrams(socket: number): DatagramCounts;
  datagramCounts(socket: number): DatagramCounts;
  /** Opens a connection on a socket that somebody else accepted; false when there was no place and it was closed. */
  adopt(fd: number, listener: number): boolean;
  /** The descriptor of a connection that its `open` event's handler gives away; negative when that cannot be. */
  detach(slot: number, generation: number): number;
  /** Throws an error with `call` and `errno`. */
  setKeepAlive(slot: number, generation: number, seconds: number): void;
  /** Null when the connection is gone, or is none of TCP. */
  tcpInfo(slot: number, generation: number): TcpInfo | null;
  /** Whether the thread's loop goes on for the reactor's sake alone; it does at first. */
  keepLoopAlive(keep: boolean): void;
  /** Null when the connection is gone. */
  addressOf(slot: number, generation: number): SocketAddresses | null;
  counters(): ReactorCounters;
  /** Why the first connection was turned away, which an event reports; empty when none was. */
  whyRejected(): string;
  /** Executes the queued commands now. */
  flush(): void;
  /** Drops everything and leaves the loop; nothing but a closed object remains. */
  close(): void;
}

interface ReactorAddon {
  kinds(): NativeKind[];
  /** How many connections one driver can have in this process. */
  connectionLimit(): number;
  Reactor: new (
    multiplexer: string,
    memory: Record<"received" | "outgoing" | "events" | "commands" | "control" | "unsentBytes", ArrayBuffer>,
    onBatch: (eventCount: number) => void,
    /** The multiplexer failed (the error has `call` and `errno`), and everything is closed already. */
    onFailure: (error: Error) => void,
  ) => NativeReactor;
  /** An echo server without JavaScript, in a thread of its own. */
  EchoServer: new (
    multiplexer: string,
    options: NativeListenOptions,
  ) => { readonly port: number; counters(): ReactorCounters; close(): ReactorCounters };
}

/** Pieces of the native code that do their work `times` times in one call, for `npm run micro`. */
interface MicroAddon {
  multiplexers(): { name: string; limit: number; obstacle: string | null }[];
  /** Returns how many latencies were counted, which is `times`. */
  recordLatencies(times: number): number;
  /** Watches so many descriptors. Throws an Error that says why the multiplexer cannot. */
  Waiter: new (
    multiplexer: string,
    descriptors: number,
  ) => {
    /** One descriptor becomes ready, is waited for and read, each time; returns how many events came. */
    turn(times: number): number;
    close(): void;
  };
}

export interface Addon {
  blocking: {
    /** Throws an Error that names the call and its errno. Port 0 lets the kernel choose. */
    BlockingEcho: new (host: string, port: number) => BlockingEcho;
  };
  /** harness/children/generator describes the rest of it, because only the benchmark has a load generator. */
  loadgen: {
    /** CPU time of these processes together, in nanoseconds, or null when there are none or one cannot be read. */
    readCpuNs(pids: readonly number[]): number | null;
  };
  reactor: ReactorAddon;
  micro: MicroAddon;
}

function load(): Addon {
  if (ADDON === null)
    throw new Error(
      `${PACKAGE_ROOT} has no native addon for ${process.platform} on ${process.arch}. Build it with 'npm run setup', which needs a C++20 compiler.`,
    );
  try {
    return createRequire(import.meta.url)(ADDON) as Addon;
  } catch (error) {
    throw new Error(
      `The native addon could not be loaded from ${ADDON}. Build it with 'npm run setup', which needs a C++20 compiler.`,
      { cause: error },
    );
  }
}

export const addon: Addon = load();
