/** Of twenty connections, one each makes a handler of every kind throw; all others get their echo. */
import { once } from "node:events";
import { connect } from "node:net";
import { listen, type Socket } from "../../../../reactor/index.ts";

/** The number of the connection for which this handler throws. */
const THROWS = { open: 3, data: 7, end: 11, close: 15 };

process.on("uncaughtException", (error) => process.stdout.write(`uncaught: ${error.message}\n`));
let opened = 0;
const closed = Promise.withResolvers<void>();
let closes = 0;
const throwFor = (socket: Socket<number>, handler: keyof typeof THROWS): void => {
  if (socket.data === THROWS[handler]) throw new Error(`bad ${handler}`);
};
const server = await listen<number>({
  multiplexer: process.argv[2]!,
  socket: {
    open: (socket) => {
      socket.data = opened++;
      throwFor(socket, "open");
    },
    data: (socket, chunk) => {
      throwFor(socket, "data");
      socket.write(chunk);
    },
    end: (socket) => {
      socket.end();
      throwFor(socket, "end");
    },
    close: (socket) => {
      closes += 1;
      if (closes === 20) closed.resolve();
      throwFor(socket, "close");
    },
  },
});
const clients = Array.from({ length: 20 }, () => connect(server.port, "127.0.0.1"));
await Promise.all(clients.map((client) => once(client, "connect")));
let echoed = 0;
for (const client of clients) {
  client.on("error", () => undefined);
  client.once("data", () => (echoed += 1));
}
// The kernel hands connections over in the order of the connects, so this is the one that is not answered.
const answered = clients.filter((_client, index) => index !== THROWS.data);
const answers = answered.map((client) => once(client, "data"));
for (const client of clients) client.write("x");
await Promise.all(answers);
process.stdout.write(`${echoed} of 20 echoed\n`);
for (const client of clients) client.end();
await closed.promise;
process.stdout.write("20 of 20 closed\n");
await server.close();
