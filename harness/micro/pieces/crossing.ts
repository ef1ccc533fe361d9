/**
 * The crossing between the reactor's native half and JavaScript, with batches of several sizes: both ends of so many connections
 * are on one reactor, so a turn brings an event for each and takes an answer for each. The kernel's part of the echo is in it.
 */
import { connect, listen, multiplexers, type Socket } from "../../../reactor/index.ts";
import { requireSame, type Piece } from "../piece.ts";

const SIZES = [1, 8, 64];
const PAYLOAD = Buffer.alloc(64, "readymark");

export default SIZES.map((connections): Piece => ({
  ...{ framework: "reactor", variant: "epoll", protocol: "tcp" },
  parameters: { work: "one echo, both ends on one reactor", connections },
  ...{ calls: 64, isAsync: true },
  obstacle: () => multiplexers().find(({ name }) => name === "epoll")?.obstacle ?? null,
  prepare: async () => {
    const server = await listen({
      port: 0,
      socket: { data: (socket, chunk) => void socket.write(chunk) },
    });
    let wanted = 0;
    let done: () => void = () => undefined;
    const clients: Socket[] = [];
    for (let index = 0; index < connections; index++)
      clients.push(
        await connect({
          port: server.port,
          socket: {
            data: (_socket, chunk) => {
              wanted -= chunk.length;
              if (wanted === 0) done();
            },
          },
        }),
      );
    const round = (): Promise<void> =>
      new Promise((resolve) => {
        requireSame("What is left of the round before", wanted, 0);
        wanted = connections * PAYLOAD.length;
        done = resolve;
        for (const client of clients) client.write(PAYLOAD);
      });
    await round();
    return {
      run: async (calls) => {
        for (let call = 0; call < calls; call += connections) await round();
      },
      close: () => server.terminate(),
    };
  },
}));
