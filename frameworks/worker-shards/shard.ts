/** The thread of one shard: it listens with the wrapped framework and answers the main thread until it gets the question `close`. */
import { workerData } from "node:worker_threads";
import type { Framework, ListenOptions } from "../../harness/contract.ts";
import { answerQuestions } from "../../reactor/thread-answers.ts";

/** What a shard's thread is started with. */
export interface ShardData {
  moduleUrl: string;
  options: ListenOptions;
}

/** What it answers when it listens; `counts` is whether it can answer `accepted`. */
export interface Listening {
  port: number;
  counts: boolean;
}

await answerQuestions(async () => {
  const { moduleUrl, options } = workerData as ShardData;
  const module = (await import(moduleUrl)) as { default: Framework };
  const server = await module.default.listen(options);
  return {
    listening: {
      port: server.port,
      counts: server.connectionsPerShard !== undefined,
    } satisfies Listening,
    answers: {
      accepted: async () => {
        const counts = (await server.connectionsPerShard?.()) ?? [];
        return counts.reduce((sum, count) => sum + count, 0);
      },
      close: () => server.close(),
    },
  };
});
