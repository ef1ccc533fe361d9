/**
 * The process of a holder: it opens connections that say nothing and keeps them, so that neither the server's nor the
 * generator's descriptors and memory are spent on the client side of a crowd. It ends when the controller's channel does.
 */
import { connect, type Socket } from "node:net";
import type { FromHolder, ToHolder } from "./idle-messages.ts";

/** More at once would overflow the listen queue of many servers, and a lost SYN costs a second. */
const OPENING_AT_ONCE = 64;
/** Finding a free port takes the kernel ever longer as an address runs out of them, so each serves only some. */
const CONNECTIONS_PER_ADDRESS = 500;

const held = new Set<Socket>();
let lost = 0;
let firstLoss: string | null = null;

process.on("message", (message: ToHolder) => {
  if (message.kind === "count") return send({ kind: "count", open: held.size, lost, firstLoss });
  hold(message).then(
    () => send({ kind: "held" }),
    (error: unknown) =>
      send({ kind: "error", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function hold(job: Extract<ToHolder, { kind: "hold" }>): Promise<void> {
  let started = 0;
  const openSome = async (): Promise<void> => {
    while (started < job.connections) {
      const index = started++;
      held.add(await open(job, index));
      // A server that has reached its wall would let the crowd wait until the time is up.
      if (lost > 0)
        throw new Error(`the server let go of an idle connection when it held ${held.size} (${firstLoss})`);
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openSome));
}

function open(
  { host, port, localNetwork }: Extract<ToHolder, { kind: "hold" }>,
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
      if (!held.delete(socket)) return;
      lost += 1;
      firstLoss ??= "the server closed it";
    });
  });
}

function send(message: FromHolder): void {
  process.send?.(message);
}
