/** What a gate is asked for: by the command line with its configuration file, by the proof, or by a program of yours. */
import type { Protocol } from "../contract.ts";
import { Failure } from "../failure.ts";
import { readEnvironment } from "../machine/environment.ts";
import { discoverScenarios } from "../plan/discovery.ts";
import { completeRequest } from "../plan/request.ts";
import { selectProtocols, selectScenarios } from "../plan/selection.ts";
import {
  GATE_SCHEMA,
  type EndpointId,
  type GateMargins,
  type GateRecord,
  type SystemCallPolicy,
} from "../results/gate.ts";
import type { Plan } from "../results/run.ts";
import type { Workloads } from "./arms.ts";
import { USUAL_MARGINS } from "./endpoints.ts";

/** Whatever is left out is chosen as `readymark gate` chooses it. */
export interface GateRequest {
  scenarios?: readonly string[];
  protocols?: readonly Protocol[];
  connections?: readonly number[];
  /** Of each endpoint; those that are left out are usual. */
  margins?: Partial<Record<EndpointId, GateMargins>>;
  /** Blocks at most, 8 or more: there is a look after each quarter of them. */
  mostBlocks?: number;
  /** No block begins later than this. */
  mostMinutes?: number;
  /** Measured time of each server in each block. */
  durationSeconds?: number;
  /** Load that a server gets before it counts, at least. */
  warmupSeconds?: number;
  systemCalls?: SystemCallPolicy;
  /** Repeats the order of an earlier gate. */
  seed?: number;
}

export const USUAL_GATE = {
  scenarios: ["echo"],
  protocols: ["tcp"],
  mostBlocks: 40,
  mostMinutes: 15,
  // Two processes of one server differ by about as much as half of this leaves unknown, so more of it buys little.
  durationSeconds: 0.6,
  warmupSeconds: 3,
  systemCalls: "fail",
} as const satisfies GateRequest;

export interface PreparedGate {
  plan: Plan;
  workloads: Workloads;
  mostSeconds: number;
  systemCalls: SystemCallPolicy;
  /** What there is to be filled in. */
  record: GateRecord;
}

/** Decides everything but the sides, which the record names. Rejects with a Failure when the request makes no sense. */
export async function prepareGate(
  request: GateRequest,
  names: { base: string; head: string },
): Promise<PreparedGate> {
  const wanted = { ...USUAL_GATE, ...request };
  const { mostBlocks, mostMinutes } = wanted;
  if (!(Number.isInteger(mostBlocks) && mostBlocks >= 8))
    throw new Failure(2, `A gate takes at least 8 blocks, two for each look, not ${mostBlocks}.`);
  const { plan, options, usualProtocols } = completeRequest({
    ...{ effort: "quick", generations: mostBlocks, connections: request.connections ?? null },
    ...{ durationSeconds: wanted.durationSeconds, warmupSeconds: wanted.warmupSeconds },
    ...(request.seed === undefined ? {} : { seed: request.seed }),
  });
  const protocols = selectProtocols([...wanted.protocols]);
  const scenarios = selectScenarios(await discoverScenarios(), [...wanted.scenarios], "quick");
  return {
    ...{ plan, workloads: { scenarios, protocols, usualProtocols, options } },
    ...{ mostSeconds: 60 * mostMinutes, systemCalls: wanted.systemCalls },
    record: {
      ...{ schema: GATE_SCHEMA, startedAt: new Date().toISOString(), finishedAt: null },
      environment: readEnvironment({}),
      ...{ seed: plan.seed, ...names, margins: checkedMargins(request.margins), mostBlocks, blocks: 0 },
      ...{ rejected: [], slowdowns: {}, slowReasons: [], systemCalls: [], systemCallsReason: null },
      ...{ cells: [], verdict: null, reason: null },
    },
  };
}

function checkedMargins(margins: GateRequest["margins"] = {}): GateRecord["margins"] {
  for (const [id, { ignorable, mustCatch }] of Object.entries(margins))
    if (!(ignorable >= 0 && mustCatch > ignorable))
      throw new Failure(
        2,
        `The margins of ${id} make no sense: ${mustCatch} must be caught, and ${ignorable} is ignorable; the first must be the larger.`,
      );
  return { ...USUAL_MARGINS, ...margins };
}
