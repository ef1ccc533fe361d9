/**
 * One measuring run per machine: two at once would disturb each other. The lock is a socket in Linux's abstract
 * namespace, which the kernel frees when its owner ends, however it ends, so there is never a stale lock file to remove.
 */
import { connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { Failure } from "../failure.ts";

const LOCK_NAME = "\0readymark-measuring";

export interface MachineLock {
  release(): Promise<void>;
}

/** Takes the lock or fails with a sentence that names the holder. `description` is what the next process reads. */
export async function takeMachineLock(description: string, name = LOCK_NAME): Promise<MachineLock> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`process ${process.pid}, ${description}`);
  });
  try {
    await listen(server, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new Failure(
      4,
      `Another readymark run is measuring on this machine (${await holderOf(name)}), and two at once disturb each other. ` +
        `Wait for it to end, or stop it, then try again.`,
    );
  }
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: name }, resolve);
  });
}

/** What the holder says of itself; a holder that is stopped says nothing within a second. */
async function holderOf(name: string): Promise<string> {
  const socket = connect({ path: name });
  socket.setTimeout(1000, () => socket.destroy(new Error("no answer")));
  try {
    return await text(socket);
  } catch {
    return "it does not answer";
  }
}
