// Echoes, but does one thing wrong: the first argument says which.
import { createServer } from "node:net";

const MESSAGE_BYTES = 64;
const wrong = process.argv[2];
let received = 0;

/** More than what the conformance suite moves, and less than what every load does, however slow the machine. */
const ENOUGH_BYTES = 5000 * MESSAGE_BYTES;

function hadEnough(chunk) {
  received += chunk.length;
  return received > ENOUGH_BYTES;
}

const behaviours = {
  // One flipped bit in 10,000 messages.
  flip: (socket, chunk) => {
    const before = Math.floor(received / MESSAGE_BYTES / 10_000);
    received += chunk.length;
    if (Math.floor(received / MESSAGE_BYTES / 10_000) > before) chunk[chunk.length >> 1] ^= 4;
    socket.write(chunk);
  },
  late: (socket, chunk) => setTimeout(() => socket.write(chunk), 5),
  die: (socket, chunk) => {
    if (hadEnough(chunk)) {
      process.stderr.write("fatal: out of luck\n");
      process.exit(3);
    }
    socket.write(chunk);
  },
  hang: (socket, chunk) => {
    if (!hadEnough(chunk)) socket.write(chunk);
  },
  close: (socket, chunk) => {
    if (hadEnough(chunk)) socket.destroy();
    else socket.write(chunk);
  },
  mute: () => undefined,
};

createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("data", (chunk) => behaviours[wrong](socket, chunk));
}).listen(process.env.PORT, "127.0.0.1");
