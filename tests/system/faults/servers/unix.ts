/** The reactor's echo on a Unix socket without a file. */
import type { Framework } from "../../../../harness/contract.ts";
import { EchoConnection, type EchoSocket } from "../../../../frameworks/reactor/echo-connection.ts";
import { listen } from "../../../../reactor/index.ts";

/** Where a process of this module listens. */
export function unixPathOf(pid: number): string {
  return `\0readymark-fault-${pid}`;
}

export default {
  name: "unix",
  description: "The reactor's echo on a Unix socket.",
  variants: () => [],
  listen: async ({ variant }) => {
    const server = await listen<EchoConnection>({
      path: unixPathOf(process.pid),
      multiplexer: variant,
      socket: {
        open: (socket: EchoSocket) => void (socket.data = new EchoConnection(socket, "tcp")),
        data: (socket, chunk) => socket.data.codec.data(chunk),
        drain: (socket) => socket.data.goOn(),
        end: (socket) => socket.data.codec.end(),
      },
    });
    return { port: server.port, close: () => server.terminate() };
  },
} satisfies Framework;
