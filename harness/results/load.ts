/** What the load generator observed. */
import { Type } from "typebox";
import {
  type Static,
  define,
  record,
  the,
  orNull,
  text,
  number,
  amount,
  positive,
  count,
  oneOf,
  listOf,
  mapOf,
} from "./define.ts";
import { distribution, percentiles } from "./measures.ts";

/** The ways a request can fail, each counted by the load generator. The native generator counts under the same names. */
const errorClasses = {
  refused: count("The connection was refused."),
  timedOut: count("No answer came in time."),
  unreachable: count("The address could not be reached."),
  reset: count("The connection was reset."),
  closedEarly: count("The server closed before the answer was whole."),
  short: count("The answer was shorter than it had to be."),
  corrupt: count("A byte of the answer was wrong."),
  malformed: count("The answer broke the protocol."),
  addressNotAvailable: count("No local port was left (EADDRNOTAVAIL)."),
  other: count("Any other error."),
};
export type ErrorClass = keyof typeof errorClasses;
export const ERROR_CLASSES = Object.keys(errorClasses) as ErrorClass[];

const accounting = define(
  "accounting",
  "Every request is accounted for: sent = ok + errors + inFlight + lost.",
  {
    sent: count("Requests sent."),
    ok: count("Requests answered in full, with every byte verified."),
    inFlight: count("Requests without an answer when the load ended."),
    lost: Type.Optional(
      count("Over udp: datagrams without an answer within 0.2 s, which UDP may lose; absent elsewhere."),
    ),
    errors: record("Requests that failed, counted by how.", errorClasses),
    firstError: orNull(
      text(
        "The first error in words, with the connection and the sequence number; null when there was none.",
      ),
    ),
  },
);
export interface Accounting extends Static<typeof accounting> {}

const searchStep = define("searchStep", "One load of a search for the capacity, at one offered rate.", {
  ratePerSecond: positive("What was offered, operations per second."),
  achievedPerSecond: amount("What was answered within the window, operations per second of it."),
  windowSeconds: positive("Length of the window, seconds."),
  latencyNs: orNull(
    the(
      percentiles,
      "Percentiles of the latency from the intended send time, nanoseconds; null when nothing was answered.",
    ),
  ),
  outcome: oneOf(
    ["met", "missed", "generator"],
    "Whether the objective held; `generator`: the load generator did not keep its own schedule, so the step says nothing about the server.",
  ),
  reason: orNull(text("Why it was not met; null when it was.")),
});
export interface SearchStep extends Static<typeof searchStep> {}

const capacitySearch = define(
  "capacitySearch",
  "How the highest offered rate at which a latency objective holds was found.",
  {
    objective: text(
      "What had to hold of the latency, for example `p99<1ms`; several conditions are joined by commas.",
    ),
    estimatePerSecond: amount("What a closed loop reached before the first step, operations per second."),
    capacityPerSecond: orNull(
      positive(
        "The highest offered rate that met the objective, operations per second; null when the generator failed at every rate, which judges nobody.",
      ),
    ),
    limitPerSecond: orNull(
      positive(
        "The lowest rate above it that did not, twice or by far, operations per second; null when the steps ran out before there was one.",
      ),
    ),
    limitedBy: oneOf(
      ["objective", "generator", "steps"],
      "What ended the search upwards; the capacity is only a lower bound unless it was the objective.",
    ),
    steps: listOf(the(searchStep), "Every load of the search, in the order they were taken."),
  },
);
export interface CapacitySearch extends Static<typeof capacitySearch> {}

const agentSeen = define("agentSeen", "One of the machines that loaded the server together.", {
  name: text("Its name."),
  operations: count("Verified operations of its own inside the window."),
  busyShare: orNull(
    amount("Share of the window that its busiest thread was on a CPU; null for one that was lost."),
  ),
  startErrorNs: orNull(
    number(
      "How much later it began than it was to, nanoseconds, as far as its clock is known; of several loads the worst; null for one that was lost.",
    ),
  ),
  clockErrorNs: orNull(
    amount(
      "How far its clock may have been misjudged, nanoseconds: half of the shortest round trip; null for one that was lost.",
    ),
  ),
  lost: orNull(
    text("Why its part of the load is missing: it was lost before the load was over; null when it is there."),
  ),
});
export interface AgentSeen extends Static<typeof agentSeen> {}

export const load = define(
  "load",
  "What the load generator observed in one window, or in all windows of a generation together.",
  {
    windowSeconds: amount("Measured time, seconds; 0 when the load ended before it began."),
    operations: count("Verified operations completed inside the window."),
    accounting: the(accounting, "Where every request went."),
    latency: orNull(
      the(
        distribution,
        "Closed loop: service latency. Open loop: done minus intended send time. Churn: connect to closed. Null when nothing completed.",
      ),
    ),
    stages: mapOf(
      the(distribution),
      "Parts of an operation, by name: `connect`, `firstByte`, `close` (churn), `sendLag` and `fromSend`, the latency without it (open loop).",
    ),
    serverCpuNs: orNull(
      amount(
        "CPU time of the server's processes inside the window, nanoseconds; null when no CPU clock could be read.",
      ),
    ),
    neighboursCpuNs: orNull(
      amount(
        "CPU time inside the window of the other servers that were alive but not loaded, nanoseconds; null when there were none.",
      ),
    ),
    clientCpuNs: orNull(
      amount(
        "CPU time of the generator's threads inside the window, nanoseconds; null when they spin by design (open loop).",
      ),
    ),
    clientLongestPauseNs: orNull(
      amount(
        "The longest time that the generator's process did not run although it was to, nanoseconds: it was stopped, or its CPU was not free; null where there was no generator.",
      ),
    ),
    clientBusyShare: listOf(amount(), "Share of the window each generator thread was on a CPU, 0 to 1."),
    clientWaitShare: orNull(
      listOf(
        amount(),
        "Share of the window each generator thread could have run and waited for a CPU; null where it was not observed.",
      ),
    ),
    scheduled: orNull(count("Open loop: requests that fell due inside the window; null otherwise.")),
    sentInWindow: orNull(
      count("Open loop: scheduled requests that were sent inside the window; null otherwise."),
    ),
    edgeInFlight: orNull(
      number(
        "Closed loop: what requests that straddle the window's ends add to throughput times mean latency; null otherwise.",
      ),
    ),
    meanInFlight: orNull(
      amount("Time-average of requests in flight, for Little's law; null when it was not observed."),
    ),
    seriesStepSeconds: positive("Time between two points of the series, seconds."),
    series: listOf(
      amount(),
      "Operations completed, cumulative: one point at the end of each step from the start of the window.",
    ),
    agents: Type.Optional(
      listOf(the(agentSeen), "Only when several machines loaded the server together: each of them."),
    ),
    search: Type.Optional(
      the(
        capacitySearch,
        "Only when this is the load at the rate that a search for the capacity found: the whole search.",
      ),
    ),
  },
);
export interface LoadResult extends Static<typeof load> {}
