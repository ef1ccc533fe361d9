/** The thread of one shard of `listenSharded`. */
import { workerData } from "node:worker_threads";
import type { SocketHandlers } from "./index.ts";
import { serverOn } from "./listening.ts";
import { reactorOn } from "./reactor.ts";
import type { ShardData } from "./sharded.ts";
import { answerQuestions } from "./thread-answers.ts";

await answerQuestions(async () => {
  const { moduleUrl, address, open, index } = workerData as ShardData;
  const { default: socket } = (await import(moduleUrl)) as { default?: SocketHandlers };
  if (typeof socket !== "object" || socket === null) {
    throw new Error(`${moduleUrl} has no handlers; make them its default export.`);
  }
  const counts = new Int32Array(open);
  const oneLess = (): void => void Atomics.sub(counts, index, 1);
  const reactor = reactorOn(address.multiplexer);
  const listening = reactor.listen(address, socket, address.adoptsOnly ? oneLess : undefined);
  const server = serverOn(reactor, listening);
  return {
    listening: server.port,
    answers: {
      counters: () => server.counters(),
      connections: () => listening.state.openConnections,
      close: () => server.close(),
      terminate: () => server.terminate(),
    },
    notices: {
      adopt: (fd) => {
        if (!reactor.adopt(fd as number, listening.state)) oneLess();
      },
    },
  };
});
