/** Has a server and two connections that are not to keep the process running, which then ends by itself. */
import { connect, listen } from "../../../../reactor/index.ts";

const multiplexer = process.argv[2]!;
const accepted = Promise.withResolvers<void>();
const server = await listen({
  multiplexer,
  socket: {
    open: (socket) => {
      socket.unref();
      accepted.resolve();
    },
  },
});
const client = await connect({ multiplexer, port: server.port, socket: {} });
await accepted.promise;
client.unref();
server.unref();
process.on("exit", () => process.stdout.write("ended\n"));
