/**
 * An HTTP server on the reactor that restarts itself on SIGHUP: it starts a successor, which gets the listening socket, and ends when
 * its own connections have ended. Prints its process id and port when it listens.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { duplex, listen } from "../../../../reactor/index.ts";

/** Where spawn puts the fifth descriptor it passes. */
const PASSED_FD = 4;
/** Far more than the clients of the test take until their next request. */
const DRAIN_MS = 30_000;

const [multiplexer = "", descriptor] = process.argv.slice(2);
let isLeaving = false;
const http = createServer((request, response) => {
  // A client that keeps its connection open would keep this process, and a client that is closed on may lose a request.
  if (isLeaving) response.setHeader("Connection", "close");
  request.resume().on("end", () => response.end(String(process.pid)));
});
// They are what the clients of the test keep, and closing one of them may meet a request that is under way.
http.keepAliveTimeout = 0;
const server = await listen({
  multiplexer,
  ...(descriptor === undefined ? { port: 0 } : { fd: Number(descriptor) }),
  socket: { open: (socket) => void http.emit("connection", duplex(socket)) },
});
// Before anybody knows of this process, who may then ask it to restart at once.
process.once("SIGHUP", () => void restart());
process.stdout.write(`${process.pid} ${server.port}\n`);
process.send?.("listening");

async function restart(): Promise<void> {
  const successor = spawn(process.execPath, [import.meta.filename, multiplexer, String(PASSED_FD)], {
    stdio: ["ignore", "inherit", "inherit", "ipc", server.fd],
  });
  await once(successor, "message");
  successor.disconnect();
  successor.unref();
  isLeaving = true;
  await server.close({ timeoutMs: DRAIN_MS });
}
