// Echoes, and is busy for a millisecond with every 64 bytes, so that it cannot answer more than 1000 such messages a second.
import { createServer } from "node:net";

const MESSAGE_BYTES = 64;
/** Large messages are for the conformance suite, which is not about speed. */
const LONGEST_MS = 5;

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const until = performance.now() + Math.min(LONGEST_MS, chunk.length / MESSAGE_BYTES);
    while (performance.now() < until);
  });
  socket.pipe(socket);
}).listen(process.env.PORT, "127.0.0.1");
