/** Closes its server with a connection open, and then has nothing left to do. */
import { once } from "node:events";
import { connect } from "node:net";
import { listen } from "../../../../reactor/index.ts";

const server = await listen({
  multiplexer: process.argv[2]!,
  socket: { data: (socket, chunk) => void socket.write(chunk) },
});
const client = connect(server.port, "127.0.0.1");
client.on("error", () => undefined);
client.write("hello");
await once(client, "data");
await server.close();
process.stdout.write("closed\n");
