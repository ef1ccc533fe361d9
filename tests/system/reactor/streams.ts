/** Connections of the reactor as streams, accepted and outgoing, for tests. */
import { connect, duplex, listen, type Server, type SocketStream } from "../../../reactor/index.ts";

/** A server whose connections are streams; closes it after the test. */
export async function withStreams(
  multiplexer: string,
  onStream: (stream: SocketStream) => void,
  use: (port: number, server: Server) => Promise<void>,
  options: { allowHalfOpen?: boolean } = {},
): Promise<void> {
  const server = await listen({
    multiplexer,
    socket: {
      open: (socket) => {
        const stream = duplex(socket, options);
        stream.on("error", () => undefined);
        onStream(stream);
      },
    },
  });
  try {
    await use(server.port, server);
  } finally {
    await server.terminate();
  }
}

/** An outgoing connection on the reactor, as a stream. */
export async function dialled(
  multiplexer: string,
  port: number,
  options: { allowHalfOpen?: boolean } = {},
): Promise<SocketStream> {
  return duplex(await connect({ multiplexer, port, socket: {} }), options);
}
