/** What a conformance case is. */
import type { Protocol } from "../contract.ts";
import type { Target } from "./client-connection.ts";

export interface ConformanceTarget extends Target {
  protocol: Protocol;
}

/**
 * How much is asked of a server, from least to most. `probe`: whether it echoes in this protocol at all. `short`: what
 * no echo can do without, which gates measuring any server. `full`: what the protocol asks for beyond the echo, too.
 */
export const CONFORMANCE_FORMS = ["probe", "short", "full"] as const;
export type ConformanceForm = (typeof CONFORMANCE_FORMS)[number];

export interface ConformanceCaseDefinition {
  /** A statement about the server that the case proves, unique among the cases of a protocol. */
  name: string;
  protocols: readonly Protocol[];
  /** The smallest form that has it; larger forms have it too. */
  form: ConformanceForm;
  /**
   * Rejects with a sentence that says what was expected and what came. All its waiting is on connections opened with
   * `signal`, so that aborting the signal ends it and closes them.
   */
  run(target: ConformanceTarget, signal: AbortSignal): Promise<void>;
}
