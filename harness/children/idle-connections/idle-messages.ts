/** The messages between the controller and a process of idle connections. */

export type ToIdleProcess =
  | {
      kind: "open";
      host: string;
      port: number;
      /** The first three numbers of the addresses to connect from; null leaves that to the kernel. */
      localNetwork: string | null;
      connections: number;
      /** Each has so many bytes echoed before it is left alone, as a connection that was in use. */
      echoBytes: number;
    }
  | { kind: "count" };

export type FromIdleProcess =
  | { kind: "opened" }
  | { kind: "count"; open: number; lost: number; firstLoss: string | null }
  | { kind: "error"; message: string };
