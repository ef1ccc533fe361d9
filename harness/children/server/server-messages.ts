/** The messages between the controller and the server process. */
import type { Counters, ListenOptions } from "../../contract.ts";

export type ToServer =
  | { kind: "listen"; moduleUrl: string; options: ListenOptions }
  | { kind: "connectionsPerShard" }
  | { kind: "counters" };

export type FromServer =
  | { kind: "listening"; port: number; pid: number }
  | { kind: "connectionsPerShard"; counts: number[] | null }
  | { kind: "counters"; counters: Counters | null }
  | { kind: "error"; message: string };
