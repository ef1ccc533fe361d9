/** One sample of a calibration: a fresh null server under one load, and what it says of the generator. */
import { setTimeout as delay } from "node:timers/promises";
import type { Protocol } from "../contract.ts";
import { openCounters } from "../children/generator/live-counters.ts";
import type { LoadJob } from "../children/generator/job.ts";
import type { Distribution, LoadResult, Percentiles } from "../results/run.ts";
import type { Generator } from "../children/generator/generator.ts";
import { integrity, littlesLaw } from "../checks/generator-checks.ts";
import { judge } from "../checks/judge.ts";
import {
  OPEN_CONNECTIONS,
  OPEN_RATE_PER_SECOND,
  PAYLOAD_BYTES,
  STOP,
  WARMUP_SECONDS,
  WINDOW_SECONDS,
  type DelayCase,
} from "./delay-cases.ts";
import {
  countFinding,
  percentileFindings,
  delayedFinding,
  slowShareFinding,
  spreadFinding,
  type Finding,
} from "./compare.ts";
import {
  Disturbance,
  serviceTimesOf,
  percentilesOfSum,
  recordedByClosedLoop,
  recordedByOpenLoop,
  type TransportCost,
} from "./expected.ts";
import { watchMachine } from "./disturbance.ts";
import { startNullServer, type Delay, type NullServer, type Records } from "./null-server.ts";
import { responseTimesAroundStop, requireOneStop } from "./stop.ts";

const TIMEOUT_SECONDS = 5;
const PHASE_POLL_MS = 10;
/** A window of the closed loop is known to this, because its clock starts up to 1 ms after the first request. */
const CLOSED_WINDOW_UNCERTAIN_SECONDS = 0.002;

/** What this generator did is wrong beyond doubt, whatever its latencies. */
export class GeneratorFault extends Error {}

export interface Tools {
  generator: Generator;
  serverCpus: readonly number[];
  clientCpus: readonly number[];
}

export interface SampleRequest {
  protocol: Protocol;
  loop: "open" | "closed";
  seed: number;
}

/** What was seen of one sample; what it means is clear only with the costs of the transport. */
export interface Observation {
  /** `costs`: what round trips cost beyond the service time, for the same way of waiting. */
  compare(costs: readonly TransportCost[]): Finding[];
}

/** Throws a Disturbance when the machine or the generator says that the sample is not valid. */
export async function observeDelays(
  tools: Tools,
  one: DelayCase,
  { protocol, loop, seed }: SampleRequest,
): Promise<Observation> {
  const shape =
    loop === "open"
      ? openShape(OPEN_RATE_PER_SECOND, WINDOW_SECONDS)
      : closedShape(one.closedConnections, WINDOW_SECONDS);
  const { records, load, latency } = await observe(tools, one.delays, { ...shape, protocol, seed });
  const serviceTimesNs = serviceTimesOf(
    loop === "open"
      ? recordedByOpenLoop(records.messages, OPEN_RATE_PER_SECOND * WARMUP_SECONDS)
      : recordedByClosedLoop(records.messages, WARMUP_SECONDS * 1e9, WINDOW_SECONDS * 1e9),
  );
  const uncertain = loop === "open" ? 0 : uncertainRequests(one.closedConnections, load);
  const shares =
    one.slowAboveNs === null
      ? []
      : [
          slowShareFinding(
            serviceTimesNs,
            latency,
            one.slowAboveNs,
            loop === "open" ? 1 : one.closedConnections,
          ),
        ];
  return {
    compare: (costs) => [
      ...percentileFindings(
        one.percentiles,
        percentilesOfSum(serviceTimesNs, undisturbed(costs), seed, "alike"),
        latency.latencyNs,
        percentilesOfSum(serviceTimesNs, costs, seed, "alike"),
      ),
      ...shares,
      countFinding(serviceTimesNs.length, latency, uncertain),
    ],
  };
}

/** The same with a server that is stopped for a while in the middle of the window. */
export async function observeStop(
  tools: Tools,
  { protocol, loop, seed }: SampleRequest,
): Promise<Observation> {
  const { windowSeconds, stopSeconds, open, closed } = STOP;
  const { delays, delayedAboveNs } = STOP[loop];
  const shape =
    loop === "open"
      ? openShape(open.ratePerSecond, windowSeconds)
      : closedShape(closed.connections, windowSeconds);
  const { records, load, latency } = await observe(
    tools,
    delays,
    { ...shape, protocol, seed },
    stopForAWhile,
  );
  const schedule = { ratePerSecond: open.ratePerSecond, warmupSeconds: WARMUP_SECONDS, windowSeconds };
  const stop = requireOneStop(records, stopSeconds, delayedAboveNs);
  const serviceTimesNs =
    loop === "open"
      ? responseTimesAroundStop(records, schedule, stop)
      : serviceTimesOf(recordedByClosedLoop(records.messages, WARMUP_SECONDS * 1e9, windowSeconds * 1e9));
  const delayed = delayedFinding(
    serviceTimesNs.filter((ns) => ns > delayedAboveNs).length,
    latency,
    delayedAboveNs,
  );
  const uncertain = loop === "open" ? 0 : uncertainRequests(closed.connections, load);
  const count = countFinding(serviceTimesNs.length, latency, uncertain);
  return {
    compare: (costs) => {
      const expected = percentilesOfSum(serviceTimesNs, undisturbed(costs), seed, "any");
      const disturbed = percentilesOfSum(serviceTimesNs, costs, seed, "any");
      const names: (keyof Percentiles)[] =
        loop === "closed" ? ["max"] : ["p50", "p90", "p99", "p99_9", "max"];
      const percentiles = percentileFindings(names, expected, latency.latencyNs, disturbed);
      if (loop === "closed") return [...percentiles, delayed, count];
      return [...percentiles, delayed, spreadFinding(latency, delayedAboveNs, expected.max), count];
    },
  };
}

/** A round trip that took longer was interrupted; a client that nothing interrupts has none of these. */
const INTERRUPTED_NS = 200_000;

function undisturbed(costs: readonly TransportCost[]): TransportCost[] {
  return costs.filter(({ costNs }) => costNs <= INTERRUPTED_NS);
}

/** Requests of a closed loop that may be on either side of the window's ends. */
function uncertainRequests(connections: number, { operations, windowSeconds }: LoadResult): number {
  return Math.ceil(connections + CLOSED_WINDOW_UNCERTAIN_SECONDS * (operations / windowSeconds));
}

type Shape = Pick<
  LoadJob,
  "loop" | "connections" | "spin" | "ratePerSecond" | "arrivals" | "durationSeconds" | "protocol" | "seed"
>;

function openShape(ratePerSecond: number, durationSeconds: number): Omit<Shape, "protocol" | "seed"> {
  const connections = OPEN_CONNECTIONS;
  return { loop: "open", connections, spin: true, ratePerSecond, arrivals: "constant", durationSeconds };
}

function closedShape(connections: number, durationSeconds: number): Omit<Shape, "protocol" | "seed"> {
  return { loop: "closed", connections, spin: false, durationSeconds };
}

async function observe(
  { generator, serverCpus, clientCpus }: Tools,
  delays: readonly Delay[],
  shape: Shape,
  meanwhile?: (server: NullServer, counters: string, isOver: () => boolean) => Promise<void>,
): Promise<{ records: Records; load: LoadResult; latency: Distribution }> {
  const { protocol, seed } = shape;
  const payloadBytes = PAYLOAD_BYTES;
  const server = await startNullServer({ protocol, payloadBytes, delays, seed, cpus: serverCpus });
  try {
    const watch = watchMachine();
    let aside: Promise<void> | undefined;
    let isOver = false;
    const load = await generator.run(
      {
        ...shape,
        host: "127.0.0.1",
        port: server.port,
        websocketKey: server.websocketKey,
        payloadBytes,
        pipeline: 1,
        warmupSeconds: WARMUP_SECONDS,
        timeoutSeconds: TIMEOUT_SECONDS,
        threads: 1,
        cpus: clientCpus.slice(0, 1),
        serverPids: [server.pid],
      },
      (counters) => {
        aside = meanwhile?.(server, counters, () => isOver);
        // It is awaited below; a rejection before that is not unhandled.
        aside?.catch(() => undefined);
      },
    );
    isOver = true;
    await aside;
    const disturbance = watch.disturbance();
    const records = await server.finish();
    return { records, load, latency: requireValid(load, shape.loop, disturbance) };
  } finally {
    await server.stop();
  }
}

/** A wrong account is the generator's fault on any machine; other doubts may be the machine's. */
function requireValid(load: LoadResult, loop: LoadJob["loop"], disturbance: string | null): Distribution {
  const { checks } = judge({ loop, load, serverCpuCount: 1, counters: null, machine: null });
  // The server keeps its own record, so a load that is not steady does no harm, and one server is stopped on purpose.
  const failed = checks.filter(({ passed }) => !passed);
  const account = failed.find(({ id }) => id === integrity.id);
  if (account) throw new GeneratorFault(`its account does not add up: ${account.message}`);
  if (disturbance !== null) throw new Disturbance(disturbance);
  const own = failed.find(({ id }) => id === littlesLaw.id);
  if (own) throw new GeneratorFault(own.message);
  if (failed.length > 0)
    throw new Disturbance(
      `the generator calls it invalid: ${failed.map(({ message }) => message).join("; ")}`,
    );
  if (load.latency === null) throw new GeneratorFault("it recorded nothing");
  return load.latency;
}

/** Stops the server once the load is well inside its window; does nothing when the load ends before. */
async function stopForAWhile(
  { pid }: NullServer,
  countersPath: string,
  isOver: () => boolean,
): Promise<void> {
  const read = openCounters(countersPath);
  // Until the load begins the counters still show how the one before ended.
  while (read().phase !== "measuring") {
    if (isOver()) return;
    await delay(PHASE_POLL_MS);
  }
  await delay(STOP.afterSeconds * 1000);
  process.kill(pid, "SIGSTOP");
  try {
    await delay(STOP.stopSeconds * 1000);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}
