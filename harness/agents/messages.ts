/**
 * What a controller and its agents say to each other over NATS. Whatever arrives is checked against these definitions,
 * because anybody with access to the broker can send it.
 *
 * A controller asks `readymark.agents` who is there, and each agent by a subject of its own to tell its clock, to open the
 * connections of a session, to run a slice, and to close. What a slice observed goes to the stream of results.
 */
import { LOOPS, PROTOCOLS } from "../contract.ts";
import { Type } from "typebox";
import { Failure } from "../failure.ts";
import {
  type Static,
  amount,
  count,
  define,
  listOf,
  oneOf,
  orNull,
  positive,
  record,
  text,
  the,
  timestamp,
  truth,
} from "../results/define.ts";
import { published } from "../results/schema.ts";
import { wholeLoad } from "../results/shard.ts";
import { sliceLoad } from "../results/slice-load.ts";
import { checkerOf } from "../results/validate.ts";

/** Agents and controllers of different versions do not work together. */
export const VERSION = 1;

export const STREAM = "READYMARK";
export const RESULTS_SUBJECTS = "readymark.results.>";
export const ROLL_CALL = "readymark.agents";
export type OrderKind = "clock" | "open" | "slice" | "close";

export function orderSubject(agent: string, kind: OrderKind): string {
  return `readymark.agent.${agent}.${kind}`;
}

/** Where the result of one slice of one agent is kept; slice and agent may be wildcards. */
export function resultSubject(session: string, slice: number | "*", agent: string): string {
  return `readymark.results.${session}.${slice}.${agent}`;
}

/** Where the plan of a load is kept, beside its results. */
export function planSubject(session: string): string {
  return `readymark.results.${session}.plan`;
}

/** All that is kept of a session. */
export function sessionSubjects(session: string): string {
  return `readymark.results.${session}.>`;
}

/** An error as a message may carry it: one line that no terminal takes for anything but text. */
export function plainText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]+/gu, " ").slice(0, MOST_TEXT);
}

const MOST_TEXT = 2000;
const plain = (description: string) =>
  text(description, { pattern: `^[^\\u0000-\\u001f\\u007f-\\u009f]{0,${MOST_TEXT}}$` });

const id = (description: string) => text(description, { pattern: "^[0-9A-Za-z]{1,64}$" });

const rollCall = define("rollCall", "Who is there?", { controller: id("Who asks.") });
export interface RollCall extends Static<typeof rollCall> {}

const presence = define("presence", "An agent's answer to the roll call.", {
  version: count("Version of these messages."),
  id: id("Of the agent, another at each start."),
  name: plain("For people."),
  threads: count("Generator threads it will run.", { minimum: 1, maximum: 256 }),
  busyWith: orNull(id("The controller it works for; null for none.")),
});
export interface Presence extends Static<typeof presence> {}

const clockOrder = define("clockOrder", "What is the time?", { controller: id("Who asks.") });
export interface ClockOrder extends Static<typeof clockOrder> {}

const openOrder = define("openOrder", "Open the connections of a load.", {
  controller: id("Who orders."),
  session: id("Of the controller's choosing."),
  job: record("The load, and which shard of it.", {
    ...{ protocol: oneOf(PROTOCOLS, "The protocol."), loop: oneOf(LOOPS, "How requests are scheduled.") },
    ...{ host: plain("IPv4 address."), port: count("Port.") },
    connections: count("Of all shards."),
    ...{ payloadBytes: count("Of each message."), pipeline: count("Requests in flight per connection.") },
    ratePerSecond: Type.Optional(positive("Of all shards.")),
    arrivals: Type.Optional(oneOf(["constant", "poisson"], "How requests arrive.")),
    closeMode: Type.Optional(oneOf(["fin", "rst"], "How churn ends a connection.")),
    ...{ seed: count("Of messages and arrivals."), timeoutSeconds: positive("For an answer.") },
    threads: count("Of this shard."),
    shard: record("Its place.", {
      firstThread: count("Of this shard."),
      allThreads: count("Of all shards."),
    }),
  }),
});
export interface OpenOrder extends Static<typeof openOrder> {}

const MOST_SECONDS = 3600;

const sliceOrder = define("sliceOrder", "Load the server for one slice.", {
  ...{ controller: id("Who orders."), session: id("Whose connections.") },
  slice: count("Number of the slice in its session.", { minimum: 1 }),
  startNs: amount("When to begin, nanoseconds of the agent's own monotonic clock."),
  discardSeconds: Type.Number({ minimum: 0, maximum: MOST_SECONDS, description: "Load before the window." }),
  durationSeconds: Type.Number({
    ...{ exclusiveMinimum: 0, maximum: MOST_SECONDS, description: "Length of the window." },
  }),
  seed: count("Of the arrivals."),
});
export interface SliceOrder extends Static<typeof sliceOrder> {}

const closeOrder = define("closeOrder", "Close the connections of a session.", {
  ...{ controller: id("Who orders."), session: id("Whose connections.") },
});
export interface CloseOrder extends Static<typeof closeOrder> {}

const reply = define("reply", "An agent's answer to an order.", {
  error: orNull(plain("Why it was not done; null when it was.")),
  isRefusal: truth("Whether it would not be done at another time either."),
  nowNs: amount("The agent's monotonic clock, nanoseconds."),
});
export interface Reply extends Static<typeof reply> {}

const sliceResult = define("sliceResult", "What one agent observed in one slice.", {
  orderedNs: amount("When it was to begin, nanoseconds of its monotonic clock."),
  error: orNull(plain("Why it has no load; null when it has one.")),
  load: orNull(the(sliceLoad, "The load of its shard.")),
});
export interface SliceResult extends Static<typeof sliceResult> {}

const loadPlan = define("loadPlan", "What is to come of one load, for whoever collects it.", {
  whole: the(wholeLoad, "The load."),
  agents: listOf(
    record("An agent.", {
      ...{ id: id("Its own."), name: plain("For people.") },
      clockErrorNs: amount("How far its clock may have been misjudged, nanoseconds."),
    }),
    "All that take part.",
  ),
  until: timestamp("When whatever has not come by then will not come."),
});
export interface LoadPlan extends Static<typeof loadPlan> {}

/** Reads a message of one kind; throws a Failure that names the field at fault. */
function reader<Message>(
  name: string,
  definition: Parameters<typeof published>[1],
): (bytes: Uint8Array) => Message {
  const format = `readymark/${name}@${VERSION}`;
  const problems = checkerOf(() => published(format, definition), format);
  return (bytes) => {
    const value = parsed(bytes, name);
    const [first] = problems(value);
    if (first !== undefined) throw new Failure(2, `A message is no ${name} of this version: ${first}.`);
    return value as Message;
  };
}

function parsed(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Failure(2, `A message that should be a ${name} is not JSON.`);
  }
}

export const readRollCall = reader<RollCall>("roll-call", rollCall);
export const readPresence = reader<Presence>("presence", presence);
export const readClockOrder = reader<ClockOrder>("clock-order", clockOrder);
export const readOpenOrder = reader<OpenOrder>("open-order", openOrder);
export const readSliceOrder = reader<SliceOrder>("slice-order", sliceOrder);
export const readCloseOrder = reader<CloseOrder>("close-order", closeOrder);
export const readReply = reader<Reply>("reply", reply);
export const readLoadPlan = reader<LoadPlan>("load-plan", loadPlan);
export const readSliceResult = reader<SliceResult>("slice-result", sliceResult);
