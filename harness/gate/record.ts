/** What a gate found, as it is printed and written. Numbers that nobody observed are null. */
import type { Parameters, Protocol } from "../contract.ts";
import type { Environment } from "../results/run.ts";
import type { Look } from "../statistics/sequential.ts";
import type { EndpointId } from "./endpoints.ts";
import type { Verdict } from "./verdict.ts";

export const GATE_SCHEMA = "readymark/gate@0";

/** Who is compared with the base. */
export const PAIRS = ["head", "base again", "base slowed"] as const;
export type Pair = (typeof PAIRS)[number];

export interface GateEndpoint {
  id: EndpointId;
  /** log(other / base) in each block, in order. */
  differences: number[];
  /** At the latest look; null before the first, and for an endpoint that is not judged. */
  look: Look | null;
}

export interface GateCell {
  server: string;
  protocol: Protocol;
  scenario: string;
  parameters: Parameters;
  pairs: Record<Pair, GateEndpoint[]>;
  /** Endpoints that give no verdict, and why. */
  notJudged: string[];
}

export interface GateRecord {
  schema: typeof GATE_SCHEMA;
  startedAt: string;
  finishedAt: string | null;
  environment: Environment;
  seed: number;
  /** What was compared, in words. */
  base: string;
  head: string;
  mostBlocks: number;
  /** Blocks that count. */
  blocks: number;
  /** Why each other block was rejected, without a look at what it compared. */
  rejected: string[];
  /** Rounds of an empty loop after each read in the positive control, by server and protocol. */
  slowLoops: Record<string, number>;
  /** Why a server has no positive control. */
  slowReasons: string[];
  cells: GateCell[];
  verdict: Verdict | null;
  reason: string | null;
}
