/** What the controller and the server process say to each other over IPC. */
import type { ListenOptions } from "../contract.ts";

export type ToServer =
  | { kind: "listen"; moduleUrl: string; options: ListenOptions }
  | { kind: "connectionsPerShard" };

export type FromServer =
  | { kind: "listening"; port: number; pid: number }
  | { kind: "connectionsPerShard"; counts: number[] | null }
  | { kind: "error"; message: string };
