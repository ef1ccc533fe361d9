/** Node's own UDP sockets. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Framework, Variant } from "../../harness/contract.ts";

const variant: Variant = {
  name: "default",
  description: "One thread, one socket of node:dgram, libuv underneath.",
  protocols: ["udp"],
  tier: "named",
  shardable: false,
  backEnd: { waitsIn: ["epoll_pwait", "epoll_wait"], besides: ["io_uring_enter"] },
  waitsInLibuv: true,
  availability: async () => ({ available: true, version: `Node.js ${process.version}` }),
};

export default {
  name: "node-dgram",
  description: "dgram.createSocket, which sends each datagram back.",
  variants: () => [variant],
  listen: async ({ host, port }) => {
    const socket = createSocket("udp4");
    socket.bind(port, host);
    try {
      await once(socket, "listening");
    } catch (error) {
      throw new Error(
        `node-dgram could not listen on ${host}:${port} (${String(error)}); choose another port, or stop what holds it.`,
        { cause: error },
      );
    }
    // An error of a datagram that was sent is that datagram's own; the others go on.
    socket.on("error", () => undefined);
    socket.on("message", (message, { port, address }) => socket.send(message, port, address));
    return {
      port: socket.address().port,
      close: async () => {
        const closed = once(socket, "close");
        socket.close();
        await closed;
      },
    };
  },
} satisfies Framework;
