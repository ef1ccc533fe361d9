/** Terminates a worker thread in the middle of serving. */
import { once } from "node:events";
import { connect } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { listen } from "../../../../reactor/index.ts";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  const [port] = (await once(worker, "message")) as [number];
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  client.write("hello");
  await once(client, "data");
  const closed = new Promise((resolve) => client.once("close", resolve));
  await worker.terminate();
  // The descriptors of the thread are closed with it, or this would never come.
  await closed;
  process.stdout.write("terminated\n");
} else {
  const server = await listen({
    multiplexer: workerData as string,
    socket: { data: (socket, chunk) => void socket.write(chunk) },
  });
  parentPort!.postMessage(server.port);
}
