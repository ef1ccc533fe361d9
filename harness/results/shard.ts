/** The record of one load of `readymark load`: a whole load, or one shard of a load that several machines share. */
import { LOOPS, PROTOCOLS } from "../contract.ts";
import { Type } from "typebox";
import {
  type Static,
  amount,
  count,
  define,
  number,
  oneOf,
  orNull,
  positive,
  text,
  the,
  timestamp,
} from "./define.ts";
import { sliceLoad } from "./slice-load.ts";

export const SHARD_SCHEMA = "readymark/shard@1";

/** What the whole load is, in fields that each shard of it has in common. */
export const wholeLoad = define("wholeLoad", "What was asked of all shards together.", {
  protocol: oneOf(PROTOCOLS, "The protocol."),
  host: text("The server's IPv4 address."),
  port: count("The server's port.", { minimum: 1, maximum: 65_535 }),
  loop: oneOf(LOOPS, "How requests are scheduled."),
  connections: count("Connections of all shards.", { minimum: 1 }),
  payloadBytes: count("Bytes of each message.", { minimum: 1 }),
  pipeline: count("Requests in flight on each connection, in a closed loop.", { minimum: 1 }),
  ratePerSecond: orNull(positive("Requests offered by all shards, per second; null except in an open loop.")),
  arrivals: orNull(oneOf(["constant", "poisson"], "How they arrive; null except in an open loop.")),
  closeMode: orNull(oneOf(["fin", "rst"], "How connections end; null except in churn.")),
  warmupSeconds: amount("Load before the window, seconds."),
  durationSeconds: positive("Length of the window, seconds."),
  timeoutSeconds: positive("How long an answer may take, seconds."),
  seed: count("Seed of messages and arrivals."),
});
export interface WholeLoad extends Static<typeof wholeLoad> {}

export const shard = define("shard", "One load, or one shard of a load that several machines share.", {
  schema: Type.Literal(SHARD_SCHEMA, { type: "string", description: "The version of this format." }),
  whole: the(wholeLoad, "What was asked of all shards together."),
  index: count("Which shard this is, from 1.", { minimum: 1 }),
  shards: count("How many there are.", { minimum: 1 }),
  threads: count("Generator threads of each shard; 0 where agents decided that.", { minimum: 0 }),
  machine: text("Name of the machine that ran it."),
  startAt: orNull(timestamp("When it was to begin; null for at once.")),
  startErrorNs: orNull(
    number(
      "How much later it began, nanoseconds by its machine's own clock; null without a moment to begin at.",
    ),
  ),
  load: the(sliceLoad, "What it observed."),
});
export interface ShardRecord extends Static<typeof shard> {}
