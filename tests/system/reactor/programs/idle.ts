/**
 * A server in a process of its own, where nothing but the server and one timer can wake the loop. It says how often the
 * loop woke while nothing was due: once when all is quiet after an echo, and once beside a reset that nobody reads.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { listen, type Socket } from "../../../../reactor/index.ts";
import { wakesWhileIdle } from "../clients.ts";

const server = await listen({
  multiplexer: process.argv[2]!,
  socket: {
    data: (socket: Socket, chunk: Buffer) => {
      socket.write(chunk);
      if (chunk.toString() === "pause") socket.pause();
    },
  },
});
const client = connect(server.port, "127.0.0.1");
client.on("error", () => undefined);
await once(client, "connect");
client.write("pause");
await once(client, "data");
/** A loop that spins has no quiet moment, and one that does not may have something left to do in some. */
async function isQuiet(): Promise<boolean> {
  for (let look = 0; look < 5; look++) if ((await wakesWhileIdle(server)) <= 5) return true;
  return false;
}

process.stdout.write((await isQuiet()) ? "quiet\n" : "restless\n");

client.resetAndDestroy();
await once(client, "close");
await delay(20);
process.stdout.write((await isQuiet()) ? "quiet beside a reset\n" : "restless beside a reset\n");
process.exit(0);
