/** One measurement of a server, and of the kernel alone. */
import { Type, type TSchema } from "typebox";
import type { Counters } from "../contract.ts";
import {
  type Static,
  define,
  record,
  the,
  orNull,
  text,
  timestamp,
  amount,
  positive,
  count,
  oneOf,
  listOf,
  mapOf,
  number,
} from "./define.ts";
import { load } from "./load.ts";
import { validity } from "./measures.ts";

const counts = {
  waits: orNull(amount("Calls that wait for events; turns of the loop for libuv.")),
  events: orNull(amount("Events the waits returned.")),
  emptyWakes: orNull(amount("Waits that returned nothing although they could sleep.")),
  controls: orNull(amount("System calls that only change what is watched.")),
  accepts: orNull(amount("Connections accepted.")),
  rejected: orNull(amount("Connections closed at once for want of a descriptor or a place.")),
  reads: orNull(amount("Calls of recv.")),
  writes: orNull(amount("Calls of send.")),
  shortWrites: orNull(amount("Sends that the kernel did not take whole.")),
  eagains: orNull(amount("Calls that found nothing to do.")),
  rearms: orNull(amount("Requests armed again (io_uring).")),
  staleDrops: orNull(amount("Events for a connection that was gone.")),
  bufferExhaustion: orNull(amount("Reads put off for want of buffer space.")),
  cqOverflows: orNull(amount("Completion queue overflows (io_uring).")),
  crossings: orNull(amount("Times that JavaScript was entered.")),
  timeInWaitNs: orNull(amount("Time inside the wait, nanoseconds.")),
} satisfies Record<keyof Counters, TSchema>;

const countersSeen = define(
  "countersSeen",
  "What the server counted around its slices of load, with what happened meanwhile.",
  {
    operations: count("Operations completed between the readings."),
    elapsedNs: amount("Time between the readings, nanoseconds."),
    counts: record("Increase of each counter; null where the server cannot know it.", counts),
  },
);
export interface CountersSeen extends Static<typeof countersSeen> {}

const machineSeen = define(
  "machineSeen",
  "What the kernel counted for the whole machine; null where it does not count.",
  {
    stealShare: orNull(
      amount(
        "Share of the CPU time that the hypervisor gave to others, in the cycles that count, 0 to 1; at least, for a tick at the edge of each stretch is taken off.",
      ),
    ),
    cpuPressureShare: orNull(
      amount(
        "Share of the time, in the cycles that count, in which some task was ready and waited for a CPU, 0 to 1.",
      ),
    ),
    otherProcessesCpuShare: orNull(
      amount(
        "Share of the measured CPUs' time, in the cycles that count, that went to processes that take no part in the measurement, 0 to 1; at least, as for steal.",
      ),
    ),
    listenOverflows: orNull(
      count(
        "Connections that found an accept queue full while the load ran, in the whole network namespace.",
      ),
    ),
    listenDrops: orNull(
      count(
        "Connections that a listening socket dropped for any reason while the load ran, in the whole network namespace.",
      ),
    ),
  },
);
export interface MachineSeen extends Static<typeof machineSeen> {}

const warmUp = define("warmUp", "The load a server got before it was measured under a workload.", {
  seconds: amount("How long it was loaded, seconds."),
  operations: count("Operations it completed meanwhile."),
  settledAfterSeconds: orNull(
    amount(
      "After how much load its cost per operation fell no more, seconds; null when that did not happen.",
    ),
  ),
  fall: number(
    "By which share its cost per operation fell from the first half of the warm-up to the second.",
  ),
  cpuNsPerOp: listOf(
    amount(),
    "Its CPU time per operation, nanoseconds, in steps of 50 ms; time per operation where the clocks cannot be read.",
  ),
});
export interface WarmUp extends Static<typeof warmUp> {}

const stall = define(
  "stall",
  "A time in which an open loop waited for one answer, while neither the generator nor the server was kept from its CPU.",
  {
    seconds: positive("How long the answer took, seconds."),
    cause: orNull(
      oneOf(["on-cpu", "asleep"], "What the server's threads did meanwhile; null when it was not observed."),
    ),
  },
);
export interface Stall extends Static<typeof stall> {}

const cycleSeen = define("cycleSeen", "One cycle's slice of load.", {
  windowSeconds: amount("Measured time, seconds."),
  operations: count("Operations completed in it."),
  serverCpuNs: orNull(amount("CPU time of the server in it, nanoseconds; null when it was not observed.")),
});
export interface CycleSeen extends Static<typeof cycleSeen> {}

export const sample = define("sample", "One generation of a cell: a fresh server process.", {
  generation: count("The generation this sample belongs to, counted from 0."),
  warmUp: orNull(the(warmUp, "What came before; null for one that was not measured to its end.")),
  cycles: listOf(the(cycleSeen), "The cycles that count, in order; empty for a search, which has none."),
  cyclesLeftOut: mapOf(
    count(),
    "How many cycles were left out, by the reason, none of which looks at results.",
  ),
  stalls: listOf(the(stall), "Stalls of the server's own, which are in the percentiles."),
  measuredAlone: orNull(
    text("Why no other server was alive meanwhile, in a sentence; null when others were."),
  ),
  seed: count("Seed of the sample's schedule and payload."),
  startedAt: timestamp("When it started."),
  status: oneOf(["ok", "invalid", "failed"], "Whether the sample counts."),
  reason: orNull(text("Why it does not count, in a sentence; null when it does.")),
  load: orNull(the(load, "What the load generator observed; null when it never got that far.")),
  serverCpuNsPerOp: orNull(
    amount("CPU time of the server per operation, nanoseconds; null when it was not observed."),
  ),
  clientCpuNsPerOp: orNull(
    amount("CPU time of the generator per operation, nanoseconds; null when it was not observed."),
  ),
  serverUserShare: orNull(
    amount("User-mode share of the server's CPU time, 0 to 1; null when it was not observed."),
  ),
  serverContextSwitchesPerOp: orNull(
    amount("Context switches of the server per operation; null when they were not observed."),
  ),
  serverRssBytes: orNull(amount("Resident memory of the server, bytes; null when it was not observed.")),
  idleKernelBytes: Type.Optional(
    orNull(
      number(
        "Only with idle connections: how much the kernel's slabs grew while they were opened, both ends of each, bytes; null when it was not observed.",
      ),
    ),
  ),
  connectionsPerShard: orNull(
    listOf(count(), "Connections accepted by each shard, in shard order; null when the server has only one."),
  ),
  validity: orNull(the(validity, "The verdict on this sample; null when there was nothing to judge.")),
  counters: orNull(the(countersSeen, "What the server counted itself; null for one that counts nothing.")),
  machine: orNull(
    the(
      machineSeen,
      "What the kernel counted for the whole machine; null for a sample that was not measured to its end.",
    ),
  ),
});
export interface Sample extends Static<typeof sample> {}

export const floorSample = define("floorSample", "One measurement of the kernel floor.", {
  generation: count("The generation it was measured in, counted from 0."),
  payloadBytes: count("Bytes of each message.", { minimum: 1 }),
  operations: count("Round trips measured.", { minimum: 1 }),
  cpuNsPerOp: positive(
    "CPU time of one receive and one send, nanoseconds: half a round trip of a thread that owns both ends.",
  ),
});
export interface FloorSample extends Static<typeof floorSample> {}
