/**
 * Opens idle connections and keeps them open, in a process of its own, so that their client side uses no descriptors or
 * memory of the server or the load generator. It ends when the controller's channel does.
 */
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
      connections.add(await openOne(job, index));
      // A server that has reached its limit would otherwise be waited for until the time is up.
      if (lost > 0)
        throw new Error(
          `the server dropped an idle connection when ${connections.size} were open (${firstLoss})`,
        );
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openSome));
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
    socket.on("data", () => (firstLoss ??= "the server sent data without being asked"));
    socket.on("close", () => {
      if (!connections.delete(socket)) return;
      lost += 1;
      firstLoss ??= "the server closed it";
    });
  });
}

function send(message: FromIdleProcess): void {
  process.send?.(message);
}
