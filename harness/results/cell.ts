/** One server under one workload, and what all its samples say together. */
import { LOOPS, PROTOCOLS, type BackEnd } from "../contract.ts";
import { Type } from "typebox";
import {
  type Static,
  define,
  the,
  orNull,
  text,
  amount,
  count,
  truth,
  oneOf,
  listOf,
  mapOf,
  positive,
  record,
} from "./define.ts";
import { distribution, estimate, percentileEstimates, percentiles, validity } from "./measures.ts";
import { sample } from "./sample.ts";

const backEnd = define("backEnd", "What a server waits in, by the kernel's names of system calls.", {
  waitsIn: listOf(text(), "It sleeps in one of these when it has nothing to do."),
  besides: listOf(
    text(),
    "Calls that others sleep in, and that this one makes for another purpose; they are not taken for waits.",
  ),
});

const trace = define(
  "trace",
  "The system calls of the server, counted in a pass of its own that is never timed, between two moments of one load.",
  {
    tool: oneOf(["perf", "strace"], "What counted them."),
    seconds: amount("Length of the traced window, seconds."),
    operations: amount("Operations done in the window: the middle of what its two ends allow."),
    operationsError: amount(
      "By how many operations that may be wrong, because counting and reading the operations are not one moment.",
    ),
    calls: mapOf(
      amount(),
      "Calls per operation, by the kernel's name of the call; `other` for those the tool counted without names.",
    ),
  },
);
export interface Trace extends Static<typeof trace> {}

const conformanceCase = define(
  "conformanceCase",
  "One thing the server had to get right before it was measured.",
  {
    name: text("The name of the case."),
    passed: truth("Whether the server passed."),
    reason: orNull(text("What it got wrong, in a sentence; null when it passed.")),
  },
);
export interface ConformanceCase extends Static<typeof conformanceCase> {}

const summary = define("summary", "What the samples of a cell say together.", {
  throughput: the(estimate, "Operations per second; the unit names the operation, for example `echoes/s`."),
  serverCpuNsPerOp: orNull(
    the(estimate, "CPU time of the server per operation, `ns/op`; null when it was not observed."),
  ),
  clientCpuNsPerOp: orNull(
    the(estimate, "CPU time of the generator per operation, `ns/op`; null when it was not observed."),
  ),
  serverContextSwitchesPerOp: orNull(
    the(
      estimate,
      "Context switches of the server per operation, `switches/op`; null when they were not observed.",
    ),
  ),
  serverRssBytes: orNull(
    the(estimate, "Resident memory of the server, `bytes`; null when it was not observed."),
  ),
  floorShare: orNull(
    the(
      estimate,
      "The kernel floor of the same generations as a share of `serverCpuNsPerOp`, `share`; null when it was not observed or the work is no echo.",
    ),
  ),
  syscallsPerOp: orNull(
    the(
      estimate,
      "System calls of the server per operation, `calls/op`, from the traced pass. There is one pass, so this is no mean over generations: `low` and `high` are what the uncertain ends of the traced window leave. Null when the cell was not traced.",
    ),
  ),
  eventsPerWait: orNull(
    the(
      estimate,
      "Ready events per wait of the multiplexer, `events/wait`; null when they were not observed.",
    ),
  ),
  latencyNs: orNull(the(percentiles, "Percentiles of the merged histogram of all generations, nanoseconds.")),
  latencyIntervalsNs: orNull(
    the(percentileEstimates, "The same percentiles as means over generations, with intervals, nanoseconds."),
  ),
  histogram: orNull(
    text(
      "The merged histogram of all generations: HdrHistogram V2, compressed, base64; values in nanoseconds.",
      {
        contentEncoding: "base64",
      },
    ),
  ),
  stages: mapOf(the(distribution), "Parts of an operation, by name, merged over generations."),
  connectionsPerShard: orNull(
    listOf(
      count(),
      "Connections accepted by each shard over all generations, in shard order; null when the server has only one.",
    ),
  ),
  validity: the(validity, "The worst verdict among the samples, with the checks of that sample."),
  waitShare: orNull(
    the(
      estimate,
      "Share of the time the server spent waiting for events, 0 to 1; null when it was not observed.",
    ),
  ),
});
export interface Summary extends Static<typeof summary> {}

const engineRound = define(
  "engineRound",
  "One load of another load generator, on a server that was started for this round.",
  {
    requestsPerSecond: positive("Requests that were answered, per second."),
    serverCpuNsPerRequest: orNull(
      amount("CPU time of the server per request, nanoseconds; null when it was not observed."),
    ),
    clientCpuNsPerRequest: amount("CPU time of the load generator per request, nanoseconds."),
    latencyNs: orNull(
      record("Percentiles as the load generator says them, nanoseconds; null when it says none.", {
        p50: amount("Half of the requests took at most this long, nanoseconds."),
        p99: amount("99 % of the requests took at most this long, nanoseconds."),
      }),
    ),
  },
);
export interface EngineRound extends Static<typeof engineRound> {}

const otherEngine = define(
  "otherEngine",
  "What another load generator saw of the server. It verified no byte, and it had its own turn, when no other server was alive.",
  {
    engine: text("Its name."),
    version: text("Its version."),
    caveat: orNull(text("What its figures leave out, in a sentence; null when nothing is known.")),
    rounds: listOf(the(engineRound), "One per generation, in the order they ran."),
    reason: orNull(text("Why it could not go on, in a sentence; null when it did.")),
  },
);
export interface OtherEngine extends Static<typeof otherEngine> {}

export const parameters = mapOf(
  Type.Unsafe<number | string>({ type: ["number", "string"] }),
  "The settings that tell one cell of a scenario from another; numbers carry their unit in the name.",
);

export const cell = define("cell", "One server under one workload.", {
  id: text("`framework/variant/protocol/scenario/name=value,...`: unique in a run."),
  framework: text("The server's name."),
  variant: text("The way it was run, for example the multiplexer."),
  protocol: oneOf([...PROTOCOLS, "none"] as const, "The wire protocol; `none` for what has no connection."),
  scenario: text("The workload's name."),
  loop: oneOf(
    LOOPS,
    "How requests were scheduled: answer-driven, clock-driven, or one connection per request.",
  ),
  operations: text("What one operation is, plural, for example `echoes`."),
  parameters,
  status: oneOf(
    ["pending", "ok", "invalid", "unavailable", "failed"],
    "How the cell ended; `pending` only in a run that has not finished.",
  ),
  reason: orNull(text("Why it has no number, in a sentence; null when it has one.")),
  serverStderr: listOf(text(), "The server's last lines on stderr when it failed."),
  version: orNull(text("The version of the server that ran; null when it is not known.")),
  conformance: orNull(
    listOf(
      the(conformanceCase),
      "The cases the server had to pass before it was measured; null when they were not run.",
    ),
  ),
  samples: listOf(the(sample), "One per generation, in the order they ran."),
  summary: orNull(the(summary, "What the samples say together; null when none of them counts.")),
  otherEngines: listOf(
    the(otherEngine),
    "What other load generators saw of the server; empty unless they were asked for.",
  ),
  backEnd: orNull(
    Type.Unsafe<BackEnd>(
      the(backEnd, "What the server says it waits in, which a trace checks; null when it says nothing."),
    ),
  ),
  trace: orNull(the(trace, "The system calls of the server per operation; null when they were not traced.")),
  traceReason: orNull(
    text(
      "Why there is no trace, in a sentence; null when there is one, or when none was tried because the cell has no number or the run has not finished.",
    ),
  ),
});
export interface Cell extends Static<typeof cell> {}
