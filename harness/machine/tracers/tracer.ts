/** What every tracer does: it counts the system calls of running processes between two moments. */

/** How often each system call was made, by name. */
export type CallCounts = Record<string, number>;

/** A tracer at work. The processes live on when it ends. */
export interface Tracing {
  /** Begins to count; resolves when it does. */
  begin(): Promise<void>;
  /** Ends counting; resolves when it has. */
  end(): Promise<void>;
  /** What was counted in between; rejects with a sentence when nothing reliable was. Call it after `end`, once. */
  counts(): Promise<CallCounts>;
  /** Lets go of the processes and leaves nothing running. */
  stop(): Promise<void>;
}

export interface Tracer {
  tool: "perf" | "strace";
  /**
   * Attaches to all threads of these processes, and to the threads and processes they start from then on. Rejects with
   * a sentence, leaving nothing behind.
   */
  attach(pids: readonly number[]): Promise<Tracing>;
}

export type TracerChoice = { tracer: Tracer } | { tracer: null; reason: string };
