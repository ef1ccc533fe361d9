/** The thread of one shard: it listens with the wrapped framework and answers the main thread until told to close. */
import { parentPort, workerData } from "node:worker_threads";
import type { Framework, RunningServer } from "../../harness/contract.ts";
import type { FromShard, ShardData, ToShard } from "./messages.ts";

const { moduleUrl, options } = workerData as ShardData;

try {
  const module = (await import(moduleUrl)) as { default: Framework };
  const server = await module.default.listen(options);
  send({ kind: "listening", port: server.port, counts: server.connectionsPerShard !== undefined });
  parentPort?.on("message", (message: ToShard) => void answer(server, message));
} catch (error) {
  send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}

async function answer(server: RunningServer, message: ToShard): Promise<void> {
  if (message.kind === "accepted") {
    const counts = (await server.connectionsPerShard?.()) ?? [];
    send({ kind: "accepted", count: counts.reduce((sum, count) => sum + count, 0) });
    return;
  }
  await server.close();
  send({ kind: "closed" });
}

function send(message: FromShard): void {
  parentPort?.postMessage(message);
}
