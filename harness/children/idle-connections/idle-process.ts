/**
 * Opens idle connections and keeps them open, in a process of its own, so that their client side uses no descriptors or
 * memory of the server or the load generator. It ends when the controller's channel does.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { FromIdleProcess, ToIdleProcess } from "./idle-messages.ts";

/** More at once would overflow the listen queue of many servers, and a lost SYN costs a second. */
const OPENING_AT_ONCE = 64;
/** Finding a free port takes the kernel ever longer as an address runs out of them, so each serves only some. */
const CONNECTIONS_PER_ADDRESS = 500;

const connections = new Set<Socket>();
let lost = 0;
let firstLoss: string | null = null;

process.on("message", (message: ToIdleProcess) => {
  if (message.kind === "count") return send({ kind: "count", open: connections.size, lost, firstLoss });
  openAll(message).then(
    () => send({ kind: "opened" }),
    (error: unknown) =>
      send({ kind: "error", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function openAll(job: Extract<ToIdleProcess, { kind: "open" }>): Promise<void> {
  let started = 0;
  const openSome = async (): Promise<void> => {
    while (started < job.connections) {
      const index = started++;
      const socket = await openOne(job, index);
      await echoOnce(socket, job.echoBytes);
      connections.add(leaveAlone(socket));
      // A server that has reached its limit would otherwise be waited for until the time is up.
      if (lost > 0)
        throw new Error(
          `the server dropped an idle connection when ${connections.size} were open (${firstLoss})`,
        );
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openSome));
}

/** Rejects when the bytes do not come back as they were. */
function echoOnce(socket: Socket, bytes: number): Promise<void> {
  const message = randomBytes(bytes);
  let received = 0;
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(new Error(`an idle connection had no echo at first: ${what}`));
    const onData = (chunk: Buffer): void => {
      if (!chunk.equals(message.subarray(received, received + chunk.length)))
        return fail("other bytes came back");
      received += chunk.length;
      if (received < bytes) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
    socket.once("close", () => fail("the server closed it"));
    socket.write(message);
  });
}

/** From here on whatever happens to it is a loss. */
function leaveAlone(socket: Socket): Socket {
  socket.removeAllListeners("close");
  socket.on("data", () => (firstLoss ??= "the server sent data without being asked"));
  socket.on("close", () => {
    if (!connections.delete(socket)) return;
    lost += 1;
    firstLoss ??= "the server closed it";
  });
  return socket;
}

function openOne(
  { host, port, localNetwork }: Extract<ToIdleProcess, { kind: "open" }>,
  index: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const localAddress = `${localNetwork}.${1 + Math.floor(index / CONNECTIONS_PER_ADDRESS)}`;
    const socket = connect({ host, port, ...(localNetwork === null ? {} : { localAddress }) });
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) =>
      reject(new Error(`an idle connection could not be opened: ${error.message}`)),
    );
    socket.on("error", (error) => (firstLoss ??= error.message));
  });
}

function send(message: FromIdleProcess): void {
  process.send?.(message);
}
