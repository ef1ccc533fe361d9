/** One shard as the main thread sees it. */
import { Worker } from "node:worker_threads";
import type { FromShard, ShardData, ToShard } from "./messages.ts";

export interface Shard {
  port: number;
  /** Whether `accepted` can be asked. */
  counts: boolean;
  /** Connections accepted so far. */
  accepted(): Promise<number>;
  /** Drops the shard's connections and resolves when its thread has ended. */
  close(): Promise<void>;
}

/** Starts a thread and resolves when it listens. Rejects with a sentence that begins with `label`. */
export async function startShard(data: ShardData, label: string): Promise<Shard> {
  const worker = new Worker(new URL("./shard.ts", import.meta.url), { workerData: data });
  let listening: Answer<"listening">;
  try {
    listening = await nextAnswer(worker, "listening");
  } catch (error) {
    await worker.terminate();
    throw new Error(`${label} did not start: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  let closing = false;
  worker.once("exit", (code) => {
    // A server that has lost a shard is another server, so it must not go on as if nothing had happened.
    if (!closing) throw new Error(`${label} ended by itself with exit code ${code}.`);
  });
  const ask = <Kind extends FromShard["kind"]>(question: ToShard, kind: Kind): Promise<Answer<Kind>> => {
    const answer = nextAnswer(worker, kind);
    worker.postMessage(question);
    return answer;
  };
  return {
    port: listening.port,
    counts: listening.counts,
    accepted: async () => (await ask({ kind: "accepted" }, "accepted")).count,
    close: async () => {
      if (closing) return;
      closing = true;
      // Terminating alone would leave native servers to be torn down with their sockets still open.
      await ask({ kind: "close" }, "closed");
      await worker.terminate();
    },
  };
}

type Answer<Kind extends FromShard["kind"]> = Extract<FromShard, { kind: Kind }>;

function nextAnswer<Kind extends FromShard["kind"]>(worker: Worker, kind: Kind): Promise<Answer<Kind>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromShard): void => {
      if (message.kind === "failed") settle(() => reject(new Error(message.message)));
      else if (message.kind === kind) settle(() => resolve(message as Answer<Kind>));
    };
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`its thread ended with exit code ${code}.`)));
    const settle = (finish: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      finish();
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}
