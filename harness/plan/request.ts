/** What a bench is asked for: by the command line, by the regression gate, or by a program of yours. */
import { randomInt } from "node:crypto";
import { isIPv4 } from "node:net";
import { resolve } from "node:path";
import { publicUrl, type BrokerOptions } from "../agents/broker-options.ts";
import type { BenchOptions, Effort, Protocol } from "../contract.ts";
import { Failure } from "../failure.ts";
import { RUNS_FOLDER } from "../project.ts";
import { objectiveText, parseObjective } from "../results/objective.ts";
import type { Plan, TraceScope } from "../results/run.ts";
import { parseAddress } from "./address.ts";
import { assignCpus } from "./cpus.ts";
import { processesFor } from "./descriptors.ts";
import { nodeVersion } from "./other-node.ts";
import {
  AGENT_DISCARD_SECONDS,
  AGENT_SLICE_SECONDS,
  DISCARD_SECONDS,
  SHARDS,
  SLICE_SECONDS,
  TIMEOUT_SECONDS,
  USUAL,
  WARMUP_LIMIT_SECONDS,
} from "./policy.ts";

/** Whatever is left out is chosen as `npm run bench` chooses it; null means the same as leaving it out. */
export interface BenchRequest {
  /** Frameworks by name, each with an optional "/variant", or with "/*" for all its variants. */
  frameworks?: readonly string[] | null;
  scenarios?: readonly string[] | null;
  protocols?: readonly Protocol[] | null;
  effort?: Effort;
  connections?: readonly number[] | null;
  payloadBytes?: readonly number[] | null;
  /** Requests in flight on each connection. */
  pipeline?: readonly number[] | null;
  /** Offered rates of the open loop; not together with `objective`. */
  ratesPerSecond?: readonly number[] | null;
  /** A latency objective, such as "p99<1ms", under which the capacity is searched for. */
  objective?: string | null;
  idleConnections?: readonly number[] | null;
  /** Samples of each cell, each in fresh processes. */
  generations?: number;
  /** Load that a server gets under each workload before it counts, at least. */
  warmupSeconds?: number;
  /** When a server has not settled after so much load, it is published as not steady. */
  warmupLimitSeconds?: number;
  /** Measured time of each cell in each generation, and length of each window of a search. */
  durationSeconds?: number;
  /** Whether each server is measured while no other is alive. */
  isolated?: boolean;
  /** The server that paired ratios go to: a framework, with an optional "/variant". */
  baseline?: string | null;
  timeoutSeconds?: number;
  trace?: TraceScope;
  /** Repeats the order and the arrivals of an earlier run. */
  seed?: number;
  /** Worker threads of sharded servers. */
  shards?: number;
  serverCpus?: readonly number[] | null;
  clientCpus?: readonly number[] | null;
  /** Processes of each server, on one port; as many as the idle connections need unless given. */
  serverProcesses?: number;
  /** How many machines that run `readymark agent` are to load the servers together; needs a broker. */
  agents?: number | null;
  /** The NATS server at which they are. */
  broker?: BrokerOptions | null;
  /** The IPv4 address that servers listen on, for agents on other machines; loopback unless given. */
  host?: string | null;
  /** The port that servers listen on; 0 lets the kernel choose. */
  port?: number;
  /** Shell commands that listen on the port in their environment variable PORT. */
  commands?: readonly string[];
  /** "HOST:PORT" of a server that runs already on this machine; not together with `commands`. */
  address?: string | null;
  /** Other load generators that are to measure echoes over http as well, by name: "wrk", "autocannon". */
  engines?: readonly string[];
  /** The Node.js binary that servers of this project run on; null for that of the harness. */
  node?: string | null;
  /** The folder of runs that gets one more. */
  outFolder?: string;
}

/** A request with everything decided that does not depend on which servers there are. */
export interface CompleteRequest {
  frameworks: readonly string[] | null;
  scenarios: readonly string[] | null;
  protocols: readonly Protocol[] | null;
  /** Those that are measured when the request names none; null for all that a server has. */
  usualProtocols: readonly Protocol[] | null;
  options: BenchOptions;
  plan: Plan;
  /** Where the agents of the plan are; null without any. */
  broker: BrokerOptions | null;
  outFolder: string;
}

/** Throws a Failure (wrong usage) when two parts of the request contradict each other. */
export function completeRequest(request: BenchRequest): CompleteRequest {
  const { commands = [], address = null, ratesPerSecond = null, objective = null } = request;
  if (commands.length > 0 && address !== null)
    throw new Failure(2, "--command and --address exclude each other; measure one at a time.");
  if (objective !== null && ratesPerSecond !== null)
    throw new Failure(2, "--slo and --rates exclude each other: one finds the rate, the other gives it.");
  const agents = agentsOf(request);
  if (address !== null) parseAddress(address, agents !== null);
  requireNumbers(request);
  const effort = request.effort ?? "default";
  const usual = USUAL[effort];
  const timeoutSeconds = request.timeoutSeconds ?? TIMEOUT_SECONDS;
  return {
    frameworks: request.frameworks ?? null,
    scenarios: request.scenarios ?? null,
    protocols: request.protocols ?? null,
    usualProtocols: usual.protocols,
    options: {
      effort,
      connections: request.connections ?? null,
      payloadBytes: request.payloadBytes ?? null,
      pipeline: request.pipeline ?? null,
      idleConnections: request.idleConnections ?? null,
      ratesPerSecond,
      objective: objective === null ? null : checkedObjective(objective, timeoutSeconds),
    },
    plan: {
      seed: request.seed ?? randomInt(1, 1_000_000_000),
      generations: request.generations ?? usual.generations,
      effort,
      trace: request.trace ?? usual.trace,
      ...warmUpTimes(request, usual.warmupSeconds),
      durationSeconds: request.durationSeconds ?? usual.durationSeconds,
      sliceSeconds: agents === null ? SLICE_SECONDS : AGENT_SLICE_SECONDS,
      discardSeconds: agents === null ? DISCARD_SECONDS : AGENT_DISCARD_SECONDS,
      isolated: request.isolated ?? false,
      baseline: request.baseline ?? null,
      timeoutSeconds,
      shards: request.shards ?? SHARDS,
      ...assignCpus(request.serverCpus ?? null, request.clientCpus ?? null),
      port: request.port ?? 0,
      commands: [...commands],
      address,
      engines: [...new Set(request.engines ?? [])],
      node: request.node == null ? null : checkedNode(request.node),
      ...serverProcessesOf(request),
      ...(request.host == null ? {} : { host: checkedHost(request.host, agents !== null) }),
      ...(agents === null ? {} : { agents }),
    },
    broker: request.broker ?? null,
    outFolder: resolve(request.outFolder ?? RUNS_FOLDER),
  };
}

/** Nothing for one process. Servers that are not this project's are not started several times. */
function serverProcessesOf(request: BenchRequest): Pick<Plan, "serverProcesses"> {
  const { serverProcesses, idleConnections, connections, commands = [], address = null } = request;
  if (commands.length > 0 || address !== null) {
    if (serverProcesses === undefined) return {};
    throw new Failure(2, "--server-processes is for the servers of this project; leave it out.");
  }
  const most = Math.max(0, ...(idleConnections ?? [])) + Math.max(0, ...(connections ?? []));
  const count = serverProcesses ?? processesFor(most);
  return count > 1 ? { serverProcesses: count } : {};
}

/** Null without agents. */
function agentsOf({ agents = null, broker = null }: BenchRequest): NonNullable<Plan["agents"]> | null {
  if (agents === null && broker === null) return null;
  if (agents === null) throw new Failure(2, "--nats is where agents are found; say how many with --agents.");
  if (broker === null) throw new Failure(2, "--agents needs --nats, the address at which they are found.");
  if (!(Number.isSafeInteger(agents) && agents >= 1))
    throw new Failure(2, `agents must be a whole number of at least 1, not ${agents}.`);
  return { count: agents, broker: publicUrl(broker) };
}

/** Without agents nobody else could reach it. */
function checkedHost(host: string, hasAgents: boolean): string {
  if (!isIPv4(host)) throw new Failure(2, `--host takes an IPv4 address of this machine, not "${host}".`);
  if (!hasAgents)
    throw new Failure(2, "--host is for agents on other machines; leave it out, or add --agents and --nats.");
  return host;
}

/** A limit that is not named is never below the warm-up that is. */
function warmUpTimes(
  { warmupSeconds, warmupLimitSeconds }: BenchRequest,
  usualSeconds: number,
): Pick<Plan, "warmupSeconds" | "warmupLimitSeconds"> {
  const least = warmupSeconds ?? Math.min(usualSeconds, warmupLimitSeconds ?? usualSeconds);
  const most = warmupLimitSeconds ?? Math.max(WARMUP_LIMIT_SECONDS, least);
  if (most < least)
    throw new Failure(2, `The limit of the warm-up, ${most} s, is below the warm-up itself, ${least} s.`);
  return { warmupSeconds: least, warmupLimitSeconds: most };
}

/** Programs may pass any number; the command line has checked its own before. */
function requireNumbers(request: BenchRequest): void {
  const whole = { seed: 0, generations: 1, shards: 1, port: 0, serverProcesses: 1 } as const;
  for (const [name, least] of Object.entries(whole)) {
    const value = request[name as keyof typeof whole];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw new Failure(2, `${name} must be a whole number of at least ${least}, not ${value}.`);
  }
  for (const name of ["warmupSeconds", "warmupLimitSeconds", "durationSeconds", "timeoutSeconds"] as const) {
    const value = request[name];
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw new Failure(2, `${name} must be a number of seconds above 0, not ${value}.`);
  }
}

/** Its whole path, since a run may be resumed from elsewhere. */
function checkedNode(path: string): string {
  const whole = resolve(path);
  nodeVersion(whole);
  return whole;
}

/** In its one spelling. A limit beyond the time-out could never be missed by latency. */
function checkedObjective(text: string, timeoutSeconds: number): string {
  const objective = parseObjective(text);
  if (objective.some(({ limitNs }) => limitNs > timeoutSeconds * 1e9)) {
    throw new Failure(
      2,
      `--slo "${text}" allows more than the ${timeoutSeconds} s of --timeout; raise --timeout.`,
    );
  }
  return objectiveText(objective);
}
