/**
 * The typed bindings of the native addon. They only load and describe; each part of the addon is wrapped by the layer that
 * uses it.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** An echo server with one blocking thread for each connection; it listens from construction on. */
export interface BlockingEcho {
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
  backlog: number;
  reusePort: boolean;
  /** 0 for none. */
  idleTimeoutMs: number;
}

export interface NativeConnectOptions {
  /** A numeric IPv4 or IPv6 address. */
  host: string;
  port: number;
  /** A numeric address of the same family; empty lets the kernel choose. */
  localAddress: string;
  /** 0 leaves it to the kernel. */
  connectTimeoutMs: number;
  /** 0 for none. */
  idleTimeoutMs: number;
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

export interface SocketAddresses {
  remoteAddress: string;
  remotePort: number;
  localPort: number;
}

/** One driver in this thread's event loop. reactor/layout.ts describes the memory that it shares. */
export interface NativeReactor {
  /** Throws an error with `call` and `errno` when a system call failed. */
  listen(options: NativeListenOptions): { listener: number; port: number };
  /**
   * Begins a connection, which an event opens, or closes, later. Throws an error with `call` and `errno` when a system
   * call failed.
   */
  connect(options: NativeConnectOptions): { slot: number; generation: number };
  closeListener(listener: number): void;
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

export interface ReactorAddon {
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
export interface MicroAddon {
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
