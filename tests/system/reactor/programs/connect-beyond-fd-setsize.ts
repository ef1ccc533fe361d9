/** Connects on select when all numbers below FD_SETSIZE are taken. */
import { closeSync, openSync } from "node:fs";
import { connect, listen, type ReactorError } from "../../../../reactor/index.ts";

const FD_SETSIZE = 1024;

const multiplexer = "select";
const server = await listen({ multiplexer, socket: {} });
const used = [openSync("/dev/null", "r")];
while (used.at(-1)! < FD_SETSIZE) used.push(openSync("/dev/null", "r"));
await connect({ port: server.port, multiplexer, socket: {} }).catch((error: ReactorError) =>
  process.stdout.write(error.message),
);
for (const descriptor of used) closeSync(descriptor);
await server.terminate();
