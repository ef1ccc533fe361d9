/** What the main thread and a shard's thread say to each other. */
import type { ListenOptions } from "../../harness/contract.ts";

/** What a shard's thread is started with. */
export interface ShardData {
  moduleUrl: string;
  options: ListenOptions;
}

export type ToShard = { kind: "accepted" } | { kind: "close" };

export type FromShard =
  | { kind: "listening"; port: number; counts: boolean }
  | { kind: "failed"; message: string }
  | { kind: "accepted"; count: number }
  | { kind: "closed" };
