/** The interface of a server under test, whatever its author and however it was started. */
import type { Counters, Protocol } from "../../contract.ts";

/** Where servers listen unless told otherwise. */
export const LOOPBACK = "127.0.0.1";

export interface ServerUnderTest {
  host: string;
  port: number;
  /** The processes whose CPU time is the server's; empty when they cannot be known. */
  pids(): number[];
  /** False for a server that was started elsewhere: its processes are only observed. */
  startedHere: boolean;
  /** The server's last lines on stderr. */
  stderrTail(): string[];
  /** Connections accepted by each shard; null when the server does not report them. */
  connectionsPerShard(): Promise<number[] | null>;
  /** What the server counted so far; null when it counts nothing. */
  counters(): Promise<Counters | null>;
  /** Resolves with a phrase such as "exited with code 1" when the server has ended; never for one started elsewhere. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

interface StartOptions {
  protocol: Protocol;
  cpus: readonly number[];
  shards: number;
  /** The port to listen on; 0 lets the kernel choose. */
  port: number;
}

/** Something that can be started afresh for every sample. */
export type ServerSource = (options: StartOptions) => Promise<ServerUnderTest>;

/** A server that did not come up, with what it said on stderr. */
export class StartError extends Error {
  readonly stderrTail: string[];

  constructor(message: string, stderrTail: string[]) {
    super(message);
    this.name = "StartError";
    this.stderrTail = stderrTail;
  }
}
