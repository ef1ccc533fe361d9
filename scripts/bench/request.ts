/** What the command line of `readymark bench` asks for, checked. */
import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { objectiveText, parseObjective } from "../../harness/capacity/objective.ts";
import type { BenchOptions, Protocol } from "../../harness/contract.ts";
import { Failure } from "../../harness/failure.ts";
import { RUNS_FOLDER } from "../../harness/project.ts";
import { assignCpus, parseCpuList } from "../../harness/run/cpus.ts";
import { selectProtocols } from "../../harness/run/selection.ts";
import { TRACE_SCOPES, type Plan } from "../../harness/results/run.ts";
import { listOption, parseOptions, seconds, wholeNumber, wholeNumbers } from "../arguments.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
export const BENCH_OPTIONS = {
  frameworks: text,
  scenarios: text,
  protocols: text,
  connections: text,
  payload: text,
  pipeline: text,
  rates: text,
  slo: text,
  idle: text,
  shards: text,
  rounds: text,
  duration: text,
  warmup: text,
  timeout: text,
  trace: text,
  seed: text,
  "server-cpus": text,
  "client-cpus": text,
  command: text,
  address: text,
  port: text,
  out: text,
  resume: text,
  quick: flag,
  full: flag,
  json: flag,
  list: flag,
  help: flag,
} as const;

/** Rounds, seconds and traced cells of each effort; a flag of its own overrides each. */
const EFFORTS = {
  // Shorter windows leave room for a warm-up in which Node.js has compiled what it runs.
  quick: { rounds: 3, warmupSeconds: 0.4, durationSeconds: 0.2, trace: "none" },
  default: { rounds: 5, warmupSeconds: 0.45, durationSeconds: 0.4, trace: "closed" },
  full: { rounds: 10, warmupSeconds: 1, durationSeconds: 3, trace: "all" },
} as const;

export interface BenchRequest {
  frameworks: string[] | null;
  scenarios: string[] | null;
  protocols: Protocol[] | null;
  options: BenchOptions;
  /** Without the retakes, which depend on how much there is to measure. */
  plan: Omit<Plan, "retakes">;
  outFolder: string;
  resume: string | null;
  json: boolean;
  list: boolean;
}

export function readBenchRequest(argv: readonly string[]): BenchRequest {
  const { values } = parseOptions(BENCH_OPTIONS, argv);
  if (values.quick && values.full) throw new Failure(2, "--quick and --full exclude each other.");
  if (values.command !== undefined && values.address !== undefined) {
    throw new Failure(2, "--command and --address exclude each other; measure one at a time.");
  }
  if (values.resume !== undefined) refuseBesideResume(argv);
  if (values.slo !== undefined && values.rates !== undefined) {
    throw new Failure(2, "--slo and --rates exclude each other: one finds the rate, the other gives it.");
  }
  const effort = values.quick ? "quick" : values.full ? "full" : "default";
  const address = values.address ?? null;
  if (address !== null) parseAddress(address);
  const timeoutSeconds = seconds(values.timeout ?? "5", "--timeout");
  return {
    frameworks: listOption(values.frameworks, "--frameworks"),
    scenarios: listOption(values.scenarios, "--scenarios"),
    protocols: selectProtocols(listOption(values.protocols, "--protocols")),
    options: {
      effort,
      connections: wholeNumbers(values.connections, "--connections", { least: 1, most: 1_000_000 }),
      payloadBytes: wholeNumbers(values.payload, "--payload", { least: 1, most: 16 * 1024 * 1024 }),
      pipeline: wholeNumbers(values.pipeline, "--pipeline", { least: 1, most: 1024 }),
      idleConnections: wholeNumbers(values.idle, "--idle", { least: 0, most: 1_000_000 }),
      ratesPerSecond: wholeNumbers(values.rates, "--rates", { least: 1, most: 10_000_000 }),
      objective: values.slo === undefined ? null : readObjective(values.slo, timeoutSeconds),
    },
    plan: {
      seed:
        values.seed === undefined
          ? randomInt(1, 1_000_000_000)
          : wholeNumber(values.seed, "--seed", { least: 0, most: 1_000_000_000 }),
      rounds: wholeNumber(values.rounds ?? `${EFFORTS[effort].rounds}`, "--rounds", { least: 1, most: 1000 }),
      effort,
      trace: traceScope(values.trace ?? EFFORTS[effort].trace),
      warmupSeconds: seconds(values.warmup ?? `${EFFORTS[effort].warmupSeconds}`, "--warmup"),
      durationSeconds: seconds(values.duration ?? `${EFFORTS[effort].durationSeconds}`, "--duration"),
      timeoutSeconds,
      shards: wholeNumber(values.shards ?? "2", "--shards", { least: 1, most: 256 }),
      ...assignCpus(
        cpuList(values["server-cpus"], "--server-cpus"),
        cpuList(values["client-cpus"], "--client-cpus"),
      ),
      port: wholeNumber(values.port ?? "0", "--port", { least: 0, most: 65_535 }),
      command: values.command ?? null,
      address,
    },
    outFolder: resolve(values.out ?? RUNS_FOLDER),
    resume: values.resume ?? null,
    json: values.json ?? false,
    list: values.list ?? false,
  };
}

/** A server somebody else started: "HOST:PORT" on this machine, because only loopback carries no network of its own. */
export function parseAddress(address: string): { host: string; port: number } {
  const match = /^(localhost|127(?:\.\d{1,3}){3}):(\d+)$/.exec(address);
  if (!match) {
    throw new Failure(
      2,
      `--address takes 127.x.y.z:PORT or localhost:PORT, not "${address}"; readymark sends load to this machine only.`,
    );
  }
  const port = wholeNumber(match[2] ?? "", "--address", { least: 1, most: 65_535 });
  return { host: match[1] === "localhost" ? "127.0.0.1" : (match[1] ?? ""), port };
}

/** In its one spelling. A limit beyond the time-out could never be missed by latency. */
function readObjective(value: string, timeoutSeconds: number): string {
  const objective = parseObjective(value);
  if (objective.some(({ limitNs }) => limitNs > timeoutSeconds * 1e9)) {
    throw new Failure(
      2,
      `--slo "${value}" allows more than the ${timeoutSeconds} s of --timeout; raise --timeout.`,
    );
  }
  return objectiveText(objective);
}

function traceScope(value: string): Plan["trace"] {
  const found = TRACE_SCOPES.find((scope) => scope === value);
  if (found) return found;
  throw new Failure(2, `--trace takes ${TRACE_SCOPES.join(", ")}, not "${value}".`);
}

function cpuList(value: string | undefined, flagName: string): number[] | null {
  return value === undefined ? null : parseCpuList(value, flagName);
}

/** A resumed run keeps its own plan, so a flag that would change it is refused rather than ignored. */
function refuseBesideResume(argv: readonly string[]): void {
  const allowed = ["--resume", "--json", "--out"];
  const flags = argv.map((argument) => argument.split("=")[0] ?? "").filter((one) => one.startsWith("--"));
  const surplus = flags.find((one) => !allowed.includes(one));
  if (surplus !== undefined) {
    throw new Failure(2, `--resume goes on with the run's own plan; leave ${surplus} out.`);
  }
}
