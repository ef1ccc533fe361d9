/** A listener of this machine that answers nobody, because its backlog is full and it never accepts. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket as ClientSocket } from "node:net";
import { parentPort, Worker, workerData } from "node:worker_threads";

/** The kernel queues one connection more than the backlog says, and drops the first packet of every further one. */
const QUEUED = 2;
/** What tells this file that it is the thread which listens. */
const ROLE = "a listener that never accepts";

export async function withFullBacklog(use: (port: number) => Promise<void>): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: ROLE });
  const clients: ClientSocket[] = [];
  try {
    const [port] = (await once(worker, "message")) as [number];
    for (let index = 0; index < QUEUED; index++) {
      const client = connect(port, "127.0.0.1");
      clients.push(client);
      await once(client, "connect");
    }
    await use(port);
  } finally {
    for (const client of clients) client.on("error", () => undefined).destroy();
    await worker.terminate();
  }
}

if (workerData === ROLE) {
  const server = createServer().listen(0, "127.0.0.1", QUEUED - 1);
  await once(server, "listening");
  parentPort!.postMessage((server.address() as AddressInfo).port);
  // The thread never gets to accept.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
