// Echoes, and is busy for a millisecond with every 64 bytes, so that it cannot answer more than 1000 such messages a second.
import { createServer } from "node:net";

const MESSAGE_BYTES = 64;
/**
 * More than what piles up on one connection while a rate is too high. Larger reads are the conformance suite's, which is
 * not about speed.
 */
const LONGEST_MS = 60;

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const until = performance.now() + Math.min(LONGEST_MS, chunk.length / MESSAGE_BYTES);
    while (performance.now() < until);
  });
  socket.pipe(socket);
}).listen(process.env.PORT, "127.0.0.1");
