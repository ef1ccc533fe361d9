/** What a bench is asked for: by the command line, by the regression gate, or by a program of yours. */
import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import type { BenchOptions, Effort, Protocol } from "../contract.ts";
import { Failure } from "../failure.ts";
import { RUNS_FOLDER } from "../project.ts";
import { objectiveText, parseObjective } from "../results/objective.ts";
import type { Plan, TraceScope } from "../results/run.ts";
import { parseAddress } from "./address.ts";
import { assignCpus } from "./cpus.ts";
import { USUAL, SHARDS, TIMEOUT_SECONDS } from "./policy.ts";

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
  rounds?: number;
  warmupSeconds?: number;
  durationSeconds?: number;
  timeoutSeconds?: number;
  trace?: TraceScope;
  /** Repeats the order and the arrivals of an earlier run. */
  seed?: number;
  /** Worker threads of sharded servers. */
  shards?: number;
  serverCpus?: readonly number[] | null;
  clientCpus?: readonly number[] | null;
  /** The port that servers listen on; 0 lets the kernel choose. */
  port?: number;
  /** A shell command that listens on the port in its environment variable PORT. */
  command?: string | null;
  /** "HOST:PORT" of a server that runs already on this machine; not together with `command`. */
  address?: string | null;
  /** The folder of runs that gets one more. */
  outFolder?: string;
}

/** A request with everything decided that does not depend on which servers there are. */
export interface CompleteRequest {
  frameworks: readonly string[] | null;
  scenarios: readonly string[] | null;
  protocols: readonly Protocol[] | null;
  options: BenchOptions;
  /** Without the retakes, which depend on how much there is to measure. */
  plan: Omit<Plan, "retakes">;
  outFolder: string;
}

/** Throws a Failure (wrong usage) when two parts of the request contradict each other. */
export function completeRequest(request: BenchRequest): CompleteRequest {
  const { command = null, address = null, ratesPerSecond = null, objective = null } = request;
  if (command !== null && address !== null)
    throw new Failure(2, "--command and --address exclude each other; measure one at a time.");
  if (objective !== null && ratesPerSecond !== null)
    throw new Failure(2, "--slo and --rates exclude each other: one finds the rate, the other gives it.");
  if (address !== null) parseAddress(address);
  requireNumbers(request);
  const effort = request.effort ?? "default";
  const usual = USUAL[effort];
  const timeoutSeconds = request.timeoutSeconds ?? TIMEOUT_SECONDS;
  return {
    frameworks: request.frameworks ?? null,
    scenarios: request.scenarios ?? null,
    protocols: request.protocols ?? null,
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
      rounds: request.rounds ?? usual.rounds,
      effort,
      trace: request.trace ?? usual.trace,
      warmupSeconds: request.warmupSeconds ?? usual.warmupSeconds,
      durationSeconds: request.durationSeconds ?? usual.durationSeconds,
      timeoutSeconds,
      shards: request.shards ?? SHARDS,
      ...assignCpus(request.serverCpus ?? null, request.clientCpus ?? null),
      port: request.port ?? 0,
      command,
      address,
    },
    outFolder: resolve(request.outFolder ?? RUNS_FOLDER),
  };
}

/** Programs may pass any number; the command line has checked its own before. */
function requireNumbers(request: BenchRequest): void {
  const whole = { seed: 0, rounds: 1, shards: 1, port: 0 } as const;
  for (const [name, least] of Object.entries(whole)) {
    const value = request[name as keyof typeof whole];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw new Failure(2, `${name} must be a whole number of at least ${least}, not ${value}.`);
  }
  for (const name of ["warmupSeconds", "durationSeconds", "timeoutSeconds"] as const) {
    const value = request[name];
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw new Failure(2, `${name} must be a number of seconds above 0, not ${value}.`);
  }
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
