/** Connects when the process has no descriptor left, and again when it has. */
import { closeSync, openSync } from "node:fs";
import { connect, listen, type ReactorError } from "../../../../reactor/index.ts";

const multiplexer = process.argv[2]!;
const server = await listen({ multiplexer, socket: {} });
const used: number[] = [];
try {
  while (true) used.push(openSync("/dev/null", "r"));
} catch {
  await connect({ port: server.port, multiplexer, socket: {} }).catch((error: ReactorError) =>
    process.stdout.write(`${error.code} ${/raise the limit/.exec(error.message)?.[0]}\n`),
  );
}
for (const descriptor of used) closeSync(descriptor);
const socket = await connect({ port: server.port, multiplexer, socket: {} });
process.stdout.write("connected\n");
socket.terminate();
await server.terminate();
