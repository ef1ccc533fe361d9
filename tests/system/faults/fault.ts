/** What a fault is: something that clients or the network do to a server, which must cost nobody else anything. */
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Connection, type Target } from "../../../harness/conformance/client-connection.ts";
import { patternOf } from "../../../harness/conformance/payload.ts";

/** How long a client waits that a Unix socket had no room for. */
const FULL_BACKLOG_MS = 5;

/** A server process under a fault. */
export interface ServerUnderFault {
  target: Target;
  pid: number;
  /** Aborts all connections when the time for the fault is up. */
  signal: AbortSignal;
  /** The number of descriptors that its multiplexer can watch; 0 when only the process's limit counts. */
  watchLimit: number;
}

export interface Fault {
  name: string;
  /** Rejects with what the server did wrong. */
  inflict(server: ServerUnderFault): Promise<void>;
}

/**
 * Where the backlog is full, the kernel lets a TCP client wait and tells the client of a Unix socket to try again, which
 * it does here for as long as the fault has time: only the CPUs decide how soon the server makes room.
 */
export async function open(server: ServerUnderFault): Promise<Connection> {
  for (;;) {
    try {
      return await Connection.open(server.target, server.signal);
    } catch (error) {
      if (!isBacklogFull(error) || server.signal.aborted) throw error;
      await delay(FULL_BACKLOG_MS);
    }
  }
}

function isBacklogFull(error: unknown): boolean {
  return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === "EAGAIN";
}

/** All at once. */
export function openMany(server: ServerUnderFault, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => open(server)));
}

/** One verified echo; rejects when the connection is over. */
export async function requireEcho(connection: Connection, seed: number, lengthBytes = 100): Promise<void> {
  const bytes = patternOf(seed, lengthBytes);
  connection.send(bytes);
  const echo = await connection.read(lengthBytes, "an echo");
  if (!echo.equals(bytes)) throw new Error(`The echo of ${lengthBytes} bytes is not what was sent.`);
}

export async function closeAll(connections: readonly Connection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.reset()));
}

/** Resolves when the server takes nothing more of what the client sends, because nobody reads its echo. */
export async function backsUp(client: Connection): Promise<void> {
  // More than one look, because the server may only have been kept waiting for a CPU.
  for (let look = 0; look < 4; look++) {
    await client.sendingStalls();
    await delay(10);
  }
}

/** Descriptors that the server's process has open. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Waits until the server has no more descriptors than before: every connection of a fault is given back. */
export async function requireNoLeak(server: ServerUnderFault, before: number): Promise<void> {
  for (let now = descriptorsOf(server.pid); now > before; now = descriptorsOf(server.pid)) {
    if (server.signal.aborted)
      throw new Error(`The server keeps ${now - before} descriptors more than before.`);
    await delay(10);
  }
}
