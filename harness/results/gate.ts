/** The record of a gate: `gate.json`, which also is what a proof of the gate keeps of each trial. */
import { Type } from "typebox";
import { PROTOCOLS } from "../contract.ts";
import { parameters } from "./cell.ts";
import {
  type Static,
  amount,
  count,
  define,
  listOf,
  mapOf,
  number,
  oneOf,
  orNull,
  positive,
  text,
  the,
  timestamp,
} from "./define.ts";
import { environment } from "./environment.ts";

export const GATE_SCHEMA = "readymark/gate@1";

export const VERDICTS = ["pass", "fail", "inconclusive", "environment"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Who is compared with the base. */
export const PAIRS = ["head", "base again", "base slowed"] as const;
export type Pair = (typeof PAIRS)[number];

export const ENDPOINT_IDS = ["server-cpu", "time-per-operation", "p99-latency"] as const;
export type EndpointId = (typeof ENDPOINT_IDS)[number];

/** What becomes of a head that makes more system calls. */
export const SYSTEM_CALL_POLICIES = ["fail", "report", "off"] as const;
export type SystemCallPolicy = (typeof SYSTEM_CALL_POLICIES)[number];

const look = define(
  "gateLook",
  "What a look at the blocks so far said. Differences are of natural logarithms.",
  {
    count: count("Blocks so far.", { minimum: 2 }),
    estimate: number("Their mean difference; positive is worse."),
    low: number("The lower bound of this look."),
    high: number("The upper bound of this look; each bound is wrong in at most 5 % of gates over all looks."),
    standardDeviation: amount("Of the differences between blocks."),
    outcome: oneOf(
      ["worse", "fine", "open"],
      "`worse`: surely more than is ignorable. `fine`: surely less than must be caught. `open`: neither so far.",
    ),
  },
);

const gateEndpoint = define("gateEndpoint", "One quantity of one server against the base.", {
  id: oneOf(ENDPOINT_IDS, "The quantity."),
  differences: listOf(number(), "log(other / base) in each block, in order; positive is worse."),
  look: orNull(the(look, "The latest look; null before the first, and for what is not judged.")),
});
export interface GateEndpoint extends Static<typeof gateEndpoint> {}

const endpointsOf = (who: string) => listOf(the(gateEndpoint), `${who} against the base.`);

export const gateCell = define("gateCell", "One server under one workload.", {
  server: text("The server, as both sides name it."),
  protocol: oneOf(PROTOCOLS, "The wire protocol."),
  scenario: text("The scenario's name."),
  parameters,
  pairs: Type.Object(
    {
      head: endpointsOf("The head"),
      "base again": endpointsOf("Another process of the base, the negative control,"),
      "base slowed": endpointsOf("The base slowed down on purpose, the positive control,"),
    } satisfies Record<Pair, unknown>,
    { additionalProperties: false, description: "By who is compared with the base." },
  ),
  notJudged: listOf(text(), "Endpoints that give no verdict, each with the reason."),
});
export interface GateCell extends Static<typeof gateCell> {}

export const gateMargins = define(
  "gateMargins",
  "Two shares between which a change lies that is neither nothing nor too much.",
  {
    ignorable: amount("What is too little to matter: 0.02 is 2 %."),
    mustCatch: positive("What must never be missed: 0.05 is 5 %."),
  },
);
export interface GateMargins extends Static<typeof gateMargins> {}

export const slowdown = define("slowdown", "What a preloaded library adds to each read of a server.", {
  loops: count("Rounds of an empty loop."),
  calls: count("System calls that do nothing."),
  pauseUs: amount("Microseconds of sleep after one read in `pauseEvery`."),
  pauseEvery: count("Reads from one sleep to the next; 0 without any."),
});
export interface Slowdown extends Static<typeof slowdown> {}

const systemCalls = define(
  "gateSystemCalls",
  "System calls of a server for each operation, counted by a tracer.",
  {
    server: text("The server, as both sides name it."),
    protocol: oneOf(PROTOCOLS, "The wire protocol."),
    scenario: text("The scenario's name."),
    base: mapOf(amount(), "Calls of the base for each operation, by name."),
    head: mapOf(amount(), "Calls of the head for each operation, by name."),
    more: mapOf(positive(), "Calls that the head surely makes more often, for each operation, by name."),
    fewer: mapOf(positive(), "Calls that the head surely makes less often, for each operation, by name."),
  },
);
export interface GateSystemCalls extends Static<typeof systemCalls> {}

export const gate = define(
  "gate",
  "One gate: whether a head makes a server slower than its base, with the controls that show whether this machine can tell.",
  {
    schema: Type.Literal(GATE_SCHEMA, { type: "string", description: "The version of this format." }),
    startedAt: timestamp("When it started."),
    finishedAt: orNull(timestamp("When it finished; null when it has not.")),
    environment: the(environment, "The machine and what ran on it."),
    seed: count("Seed of the order of everything."),
    base: text("What was compared with, in words."),
    head: text("What was compared, in words."),
    margins: mapOf(the(gateMargins), "By endpoint."),
    mostBlocks: count("Blocks at most."),
    blocks: count("Blocks that count."),
    rejected: listOf(text(), "Why each other block was rejected, without a look at what it compares."),
    slowdowns: mapOf(the(slowdown), "What slows the base of the positive control, by server and protocol."),
    slowReasons: listOf(text(), "Why a server has no positive control."),
    systemCalls: listOf(the(systemCalls), "One for each cell that was traced."),
    systemCallsReason: orNull(text("Why not every cell was traced; null when each was.")),
    cells: listOf(the(gateCell), "One for each server under each workload."),
    verdict: orNull(oneOf(VERDICTS, "The verdict; null while there is none.")),
    reason: orNull(text("The reason of the verdict, in a sentence.")),
  },
);
export interface GateRecord extends Static<typeof gate> {}
