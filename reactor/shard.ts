/** The thread of one shard of `listenSharded`. */
import { workerData } from "node:worker_threads";
import { listen, type SocketHandlers } from "./index.ts";
import type { ShardData } from "./sharded.ts";
import { answerQuestions } from "./thread-answers.ts";

await answerQuestions(async () => {
  const { moduleUrl, address } = workerData as ShardData;
  const { default: socket } = (await import(moduleUrl)) as { default?: SocketHandlers };
  if (typeof socket !== "object" || socket === null) {
    throw new Error(`${moduleUrl} has no handlers; make them its default export.`);
  }
  const server = await listen({ ...address, socket });
  return {
    listening: server.port,
    answers: {
      counters: () => server.counters(),
      close: () => server.close(),
      terminate: () => server.terminate(),
    },
  };
});
