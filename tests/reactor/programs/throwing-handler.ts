/** One of twenty connections sends what its handler throws at; the others get their echo. */
import { once } from "node:events";
import { connect } from "node:net";
import { listen } from "../../../reactor/index.ts";

process.on("uncaughtException", (error) => process.stdout.write(`uncaught: ${error.message}\n`));
const server = await listen({
  multiplexer: process.argv[2]!,
  socket: {
    data: (socket, chunk) => {
      if (chunk[0] === 7) throw new Error("bad byte");
      socket.write(chunk);
    },
  },
});
const clients = Array.from({ length: 20 }, () => connect(server.port, "127.0.0.1"));
await Promise.all(clients.map((client) => once(client, "connect")));
let echoed = 0;
const echoes = clients.map(async (client, index) => {
  client.on("error", () => undefined);
  client.write(Buffer.from([index]));
  if (index === 7) return;
  await once(client, "data");
  echoed += 1;
});
await Promise.all(echoes);
process.stdout.write(`${echoed} of 20 echoed\n`);
for (const client of clients) client.destroy();
await server.close();
