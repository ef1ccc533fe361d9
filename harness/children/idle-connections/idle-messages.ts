/** What the controller and a holder process say to each other. */

export type ToHolder =
  | {
      kind: "hold";
      host: string;
      port: number;
      /** The first three numbers of the addresses to connect from; null leaves that to the kernel. */
      localNetwork: string | null;
      connections: number;
    }
  | { kind: "count" };

export type FromHolder =
  | { kind: "held" }
  | { kind: "count"; open: number; lost: number; firstLoss: string | null }
  | { kind: "error"; message: string };
