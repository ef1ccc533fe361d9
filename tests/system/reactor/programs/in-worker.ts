/** Serves in a worker thread, which ends by itself after its server was closed. */
import { once } from "node:events";
import { connect } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { listen } from "../../../../reactor/index.ts";

async function serve(): Promise<void> {
  const server = await listen({
    multiplexer: workerData as string,
    socket: { data: (socket, chunk) => void socket.write(chunk) },
  });
  parentPort!.postMessage(server.port);
  parentPort!.on("message", (text: string) => {
    if (text !== "close") return parentPort!.postMessage(`${text} answered`);
    parentPort!.close();
    void server.close();
  });
}

async function drive(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  const exited = once(worker, "exit");
  const [port] = (await once(worker, "message")) as [number];
  const client = connect(port, "127.0.0.1");
  client.write("echo from worker\n");
  process.stdout.write(String((await once(client, "data"))[0]));
  worker.postMessage("message");
  process.stdout.write(`${String((await once(worker, "message"))[0])}\n`);
  client.on("error", () => undefined);
  worker.postMessage("close");
  await exited;
  client.destroy();
  process.stdout.write("worker ended\n");
}

await (isMainThread ? drive() : serve());
