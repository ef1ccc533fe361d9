/** What the command line of `readymark bench` asks for, checked. */
import { parseCpuList } from "../../harness/machine/cpu-list.ts";
import { resolve } from "node:path";
import { Failure } from "../../harness/failure.ts";
import { RUNS_FOLDER } from "../../harness/project.ts";
import { selectProtocols } from "../../harness/plan/selection.ts";
import { readRamp } from "./ramp.ts";
import { TRACE_SCOPES, type TraceScope } from "../../harness/results/run.ts";
import type { BenchRequest } from "../../harness/index.ts";
import { listOption, parseOptions, seconds, wholeNumber, wholeNumbers } from "../arguments.ts";
import { BROKER_OPTIONS, brokerOf } from "../broker-options.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const BENCH_OPTIONS = {
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
  generations: text,
  duration: text,
  warmup: text,
  "warmup-limit": text,
  baseline: text,
  timeout: text,
  trace: text,
  seed: text,
  "server-cpus": text,
  "client-cpus": text,
  command: { type: "string", multiple: true },
  engine: { type: "string", multiple: true },
  address: text,
  agents: text,
  "server-processes": text,
  host: text,
  ...BROKER_OPTIONS,
  node: text,
  port: text,
  out: text,
  resume: text,
  quick: flag,
  full: flag,
  isolated: flag,
  json: flag,
  list: flag,
  help: flag,
} as const;

/** A resumed run needs no more than its name; a new one needs a request. */
export interface BenchCommand {
  request: BenchRequest;
  outFolder: string;
  resume: string | null;
  json: boolean;
  list: boolean;
}

const RATE_RANGE = { least: 1, most: 10_000_000 };
const AGENT_RANGE = { least: 1, most: 10_000 };

export function readBenchCommand(argv: readonly string[]): BenchCommand {
  const { values } = parseOptions(BENCH_OPTIONS, argv);
  if (values.quick && values.full) throw new Failure(2, "--quick and --full exclude each other.");
  if (values.resume !== undefined) refuseBesideResume(argv);
  const outFolder = resolve(values.out ?? RUNS_FOLDER);
  const ramp = readRamp(values.rates);
  if (ramp !== null && values.duration !== undefined)
    throw new Failure(2, "--rates FROM:TO/TIME says how long it takes; leave --duration out.");
  if (ramp !== null && values.scenarios !== "latency")
    throw new Failure(
      2,
      "--rates FROM:TO/TIME is for one scenario, because its time would be that of all: add --scenarios latency.",
    );
  const given = <Value>(text: string | undefined, read: (text: string) => Value): Value | undefined =>
    text === undefined ? undefined : read(text);
  return {
    request: {
      effort: values.quick ? "quick" : values.full ? "full" : "default",
      frameworks: listOption(values.frameworks, "--frameworks"),
      scenarios: listOption(values.scenarios, "--scenarios"),
      protocols: selectProtocols(listOption(values.protocols, "--protocols")),
      connections: wholeNumbers(values.connections, "--connections", { least: 1, most: 1_000_000 }),
      payloadBytes: wholeNumbers(values.payload, "--payload", { least: 1, most: 16 * 1024 * 1024 }),
      pipeline: wholeNumbers(values.pipeline, "--pipeline", { least: 1, most: 1024 }),
      idleConnections: wholeNumbers(values.idle, "--idle", { least: 0, most: 1_000_000 }),
      ratesPerSecond: ramp?.ratesPerSecond ?? wholeNumbers(values.rates, "--rates", RATE_RANGE),
      objective: values.slo ?? null,
      ...defined({
        seed: given(values.seed, (text) => wholeNumber(text, "--seed", { least: 0, most: 1_000_000_000 })),
        generations: given(values.generations, (text) =>
          wholeNumber(text, "--generations", { least: 1, most: 1000 }),
        ),
        trace: given(values.trace, traceScope),
        warmupSeconds: given(values.warmup, (text) => seconds(text, "--warmup")),
        warmupLimitSeconds: given(values["warmup-limit"], (text) => seconds(text, "--warmup-limit")),
        durationSeconds:
          ramp?.durationSeconds ?? given(values.duration, (text) => seconds(text, "--duration")),
        timeoutSeconds: given(values.timeout, (text) => seconds(text, "--timeout")),
        shards: given(values.shards, (text) => wholeNumber(text, "--shards", { least: 1, most: 256 })),
        serverProcesses: given(values["server-processes"], (text) =>
          wholeNumber(text, "--server-processes", { least: 1, most: 1000 }),
        ),
        port: given(values.port, (text) => wholeNumber(text, "--port", { least: 0, most: 65_535 })),
      }),
      serverCpus: cpuList(values["server-cpus"], "--server-cpus"),
      clientCpus: cpuList(values["client-cpus"], "--client-cpus"),
      commands: values.command ?? [],
      isolated: values.isolated ?? false,
      baseline: values.baseline ?? null,
      address: values.address ?? null,
      engines: values.engine ?? [],
      node: values.node ?? null,
      agents: values.agents === undefined ? null : wholeNumber(values.agents, "--agents", AGENT_RANGE),
      broker: brokerOf(values),
      host: values.host ?? null,
      outFolder,
    },
    outFolder,
    resume: values.resume ?? null,
    json: values.json ?? false,
    list: values.list ?? false,
  };
}

/** Without the entries of flags that were not given, because those are for the bench to choose. */
function defined<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Name in keyof Values]?: Exclude<Values[Name], undefined> };
}

function traceScope(value: string): TraceScope {
  const found = TRACE_SCOPES.find((scope) => scope === value);
  if (found) return found;
  throw new Failure(2, `--trace takes ${TRACE_SCOPES.join(", ")}, not "${value}".`);
}

function cpuList(value: string | undefined, flagName: string): number[] | null {
  return value === undefined ? null : parseCpuList(value, flagName);
}

/** A resumed run keeps its own plan, so a flag that would change it is refused rather than ignored. */
function refuseBesideResume(argv: readonly string[]): void {
  const brokers = Object.keys(BROKER_OPTIONS).map((name) => `--${name}`);
  const allowed = ["--resume", "--json", "--out", ...brokers];
  const flags = argv.map((argument) => argument.split("=")[0] ?? "").filter((one) => one.startsWith("--"));
  const surplus = flags.find((one) => !allowed.includes(one));
  if (surplus !== undefined) {
    throw new Failure(2, `--resume goes on with the run's own plan; leave ${surplus} out.`);
  }
}
