/** Asks for a reactor when the process has no descriptor left, and again when it has. */
import { closeSync, openSync } from "node:fs";
import { connect, listen, type ReactorError } from "../../../../reactor/index.ts";

const used: number[] = [];
try {
  while (true) used.push(openSync("/dev/null", "r"));
} catch {
  await connect({ port: 9, socket: {} }).catch((error: ReactorError) =>
    process.stdout.write(`${error.name} ${error.call} ${error.code}\n`),
  );
}
for (const descriptor of used) closeSync(descriptor);
const server = await listen({ socket: {} });
const socket = await connect({ port: server.port, socket: {} });
process.stdout.write("connected\n");
socket.terminate();
await server.close();
