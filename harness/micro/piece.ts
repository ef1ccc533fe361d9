/** What a piece is to `npm run micro`. Each file in pieces/ exports a list of some; adding one means adding it there. */
import type { Parameters } from "../contract.ts";
import { cellId, MICRO } from "../results/cell-id.ts";
import type { Cell } from "../results/run.ts";

export interface Piece {
  /** What it is part of, and which one of its kind: they are the server's names in a result. */
  framework: string;
  variant: string;
  protocol: Cell["protocol"];
  /** What tells two measurements of the piece apart. Pieces that are to be compared have the same. */
  parameters: Parameters;
  /** Whether `run` returns a promise: tinybench would otherwise try, and begin a first call that nobody waits for. */
  isAsync: boolean;
  /** Calls in one iteration of tinybench, so that reading its clock is a small part. */
  calls: number;
  /** Why it cannot run here, in a sentence; null when it can. */
  obstacle(): string | null;
  /** Makes it ready and shows that it does what it should. Rejects when it does not. */
  prepare(): Promise<Prepared>;
}

interface Prepared {
  run(calls: number): void | Promise<void>;
  close(): void | Promise<void>;
}

export function pieceId({ framework, variant, protocol, parameters }: Piece): string {
  return cellId({ framework, variant, protocol, scenario: MICRO, parameters });
}

/** Throws an Error that says what differs. */
export function requireSame(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what} is ${String(found)}, and must be ${String(expected)}.`);
}
