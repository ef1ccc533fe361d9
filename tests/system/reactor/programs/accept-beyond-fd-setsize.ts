/** Accepts on select when all numbers below FD_SETSIZE are taken; two clients in turn are closed at once. */
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { listen } from "../../../../reactor/index.ts";

const FD_SETSIZE = 1024;

const server = await listen({ multiplexer: "select", socket: {} });
const used = [openSync("/dev/null", "r")];
while (used.at(-1)! < FD_SETSIZE) used.push(openSync("/dev/null", "r"));
for (let time = 0; time < 2; time++) {
  const client = connect({ port: server.port, host: "127.0.0.1" });
  client.on("error", () => undefined);
  await once(client.resume(), "close");
}
process.stdout.write(`rejected ${server.counters().rejected}\n`);
for (const descriptor of used) closeSync(descriptor);
await server.terminate();
