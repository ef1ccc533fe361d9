/** One shard as the main thread sees it. */
import { extname } from "node:path";
import { startThread } from "../../reactor/threads.ts";
import type { Listening, ShardData } from "./shard.ts";

export interface Shard {
  port: number;
  /** Whether `accepted` can be called. */
  counts: boolean;
  /** Connections accepted so far. */
  accepted(): Promise<number>;
  /** Drops the shard's connections and resolves when its thread has ended. */
  close(): Promise<void>;
}

/** Starts a thread and resolves when it listens. Rejects with a sentence that begins with `label`. */
export async function startShard(data: ShardData, label: string): Promise<Shard> {
  const thread = await startThread<Listening>(
    new URL(`./shard${extname(import.meta.url)}`, import.meta.url),
    data,
    label,
  );
  return {
    ...thread.listening,
    accepted: async () => (await thread.ask("accepted")) as number,
    close: () => thread.end("close"),
  };
}
