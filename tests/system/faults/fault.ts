/** What a fault is: something that clients or the network do to a server, which must cost nobody else anything. */
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Connection, type Target } from "../../../harness/conformance/client-connection.ts";
import { patternOf } from "../../../harness/conformance/payload.ts";

/** Well below the reactor's own. */
const UNIX_BACKLOG = 256;

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

export function open(server: ServerUnderFault): Promise<Connection> {
  return Connection.open(server.target, server.signal);
}

/** All at once; on a Unix socket as many at once as its backlog has room for, because a client does not wait for more. */
export async function openMany(server: ServerUnderFault, count: number): Promise<Connection[]> {
  const connections: Connection[] = [];
  const atOnce = server.target.path === undefined ? count : UNIX_BACKLOG;
  while (connections.length < count) {
    const more = Array.from({ length: Math.min(atOnce, count - connections.length) }, () => open(server));
    connections.push(...(await Promise.all(more)));
  }
  return connections;
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
