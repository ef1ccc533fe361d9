/** `readymark load`: one load and no bench, alone, as one shard of a load that machines share, or by agents. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LOOPS, PROTOCOLS } from "../../harness/contract.ts";
import { Failure } from "../../harness/failure.ts";
import { mergeRecords } from "../../harness/load/merge.ts";
import { runShard } from "../../harness/load/shard.ts";
import { loadText, verdictOf } from "../../harness/load/text.ts";
import { parseCpuList } from "../../harness/machine/cpu-list.ts";
import { parseAddress } from "../../harness/plan/address.ts";
import { replaceFile } from "../../harness/results/replace-file.ts";
import type { ShardRecord, WholeLoad } from "../../harness/results/shard.ts";
import { shardProblems } from "../../harness/results/validate.ts";
import { unknownName } from "../../harness/unknown-name.ts";
import { parseOptions, seconds, wholeNumber, type Command } from "../arguments.ts";
import { BROKER_HELP, BROKER_OPTIONS, brokerOf } from "../broker-options.ts";
import { SIGNAL_EXIT_CODES, untilSignal, type EndingSignal } from "../signals.ts";

const HELP = `usage: readymark load --address HOST:PORT [options]
       readymark load --merge FILE FILE...

One verified load on a server that runs already, without a bench around it: no warm-up that watches the server, no other
server beside it. For one machine, for several that any tool starts, or for agents. Load only servers that are yours.

the load, of all machines together
  --protocol tcp             tcp, http, ws, udp, or discard (--payload 1000000, which gets one receipt each)
  --loop closed              closed, open (needs --rate) or churn (--close-mode fin or rst)
  --connections 64 --payload 64 --pipeline 1
  --rate 10000               requests per second (open)      --arrivals poisson   or constant
  --warmup 1s --duration 10s --timeout 5s --seed 1

as one shard of several, which all get the same options but for the number
  --shard 2/4                the second of four
  --start-at 2026-01-31T12:00:00Z  when all begin, by the clock of each machine, so keep those in time (NTP, PTP)
  --threads 1                generator threads of each shard
  --cpus 2,3                 where they run; in an open loop they then poll without sleeping
  --out FILE                 where the result goes (default: only printed)
  --merge FILE FILE...       the results of all shards as the one load that they are

by agents, which readymark agent starts
  --agents 4
${BROKER_HELP}  --collect NAME             what the broker kept of a load whose controller was ended

  --json                     the record as JSON on stdout and nothing else

exit codes: 0 fine, 1 the load is not valid (its numbers are then not printed), 2 wrong usage, 4 it could not be
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  ...{
    address: text,
    protocol: text,
    loop: text,
    connections: text,
    payload: text,
    pipeline: text,
    rate: text,
  },
  ...{ arrivals: text, "close-mode": text, warmup: text, duration: text, timeout: text, seed: text },
  ...{ shard: text, "start-at": text, threads: text, cpus: text, out: text, agents: text, collect: text },
  ...BROKER_OPTIONS,
  ...{ merge: flag, json: flag },
} as const;
type Values = ReturnType<typeof parsed>["values"];

const MOST_FILES = 65_536;

function parsed(argv: readonly string[]) {
  return parseOptions(OPTIONS, argv, { name: "the files of --merge", most: MOST_FILES });
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(argv);
  if (positionals.length > 0 && values.merge !== true)
    throw new Failure(2, `"${positionals[0]}" is a file; to merge several, say --merge.`);
  const interruption = untilSignal();
  try {
    const record =
      values.merge === true
        ? mergeRecords(positionals.map(readShard))
        : await take(values, interruption.signal);
    // Printed first, so that a file that cannot be written costs no result.
    process.stdout.write(values.json === true ? `${JSON.stringify(record)}\n` : loadText(record));
    if (values.out !== undefined) keep(record, resolve(values.out));
    return verdictOf(record).isValid ? 0 : 1;
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(2, error.message);
    if (!interruption.signal.aborted) throw error;
    return SIGNAL_EXIT_CODES[interruption.signal.reason as EndingSignal];
  } finally {
    interruption.forget();
  }
}

function keep(record: ShardRecord, file: string): void {
  try {
    replaceFile(file, `${JSON.stringify(record)}\n`);
  } catch (error) {
    throw new Failure(4, `The result could not be written to ${file}: ${(error as Error).message}.`);
  }
}

async function take(values: Values, signal: AbortSignal): Promise<ShardRecord> {
  const broker = brokerOf(values);
  const say = (sentence: string): void => void process.stderr.write(`readymark: ${sentence}\n`);
  if (values.collect !== undefined) {
    if (broker === null) throw new Failure(2, "--collect needs --nats, the broker that kept the load.");
    if (!/^[0-9A-Za-z]+$/.test(values.collect))
      throw new Failure(2, `--collect takes the name that the load was kept under, not "${values.collect}".`);
    const { collectLoad } = await import("../../harness/load/by-agents.ts");
    return collectLoad(broker, values.collect, signal);
  }
  const whole = wholeLoad(values);
  if (values.agents === undefined) {
    if (broker !== null)
      throw new Failure(2, "--nats is where agents are found; say how many with --agents.");
    return runShard({ ...shardOf(values), whole, signal });
  }
  if (broker === null) throw new Failure(2, "--agents needs --nats, the address at which they are found.");
  for (const flag of ["shard", "start-at", "threads", "cpus"] as const)
    if (values[flag] !== undefined)
      throw new Failure(2, `--${flag} is for a load of this machine; agents decide that themselves.`);
  const { loadByAgents } = await import("../../harness/load/by-agents.ts");
  return loadByAgents({
    ...{ whole, broker, signal, agents: wholeNumber(values.agents, "--agents", { least: 1, most: 10_000 }) },
    onName: (name) =>
      say(
        `the load is kept as ${name}; if this program is killed: readymark load --nats … --collect ${name}`,
      ),
  });
}

function wholeLoad(values: Values): WholeLoad {
  if (values.address === undefined)
    throw new Failure(2, "A load needs --address HOST:PORT, the server to load; --help shows the usage.");
  const { host, port } = parseAddress(values.address, true);
  const loop = oneOf(values.loop ?? "closed", LOOPS, "loop");
  const isOpen = loop === "open";
  if (isOpen !== (values.rate !== undefined))
    throw new Failure(
      2,
      "An open loop needs --rate, and only an open loop has one; it is chosen by --loop open.",
    );
  return {
    ...{ host, port, loop, protocol: oneOf(values.protocol ?? "tcp", PROTOCOLS, "protocol") },
    connections: wholeNumber(values.connections ?? "64", "--connections", { least: 1, most: 1_000_000 }),
    payloadBytes: wholeNumber(values.payload ?? "64", "--payload", { least: 1, most: 16 * 1024 * 1024 }),
    pipeline: wholeNumber(values.pipeline ?? "1", "--pipeline", { least: 1, most: 1024 }),
    ratePerSecond:
      values.rate === undefined ? null : wholeNumber(values.rate, "--rate", { least: 1, most: 100_000_000 }),
    arrivals: isOpen ? oneOf(values.arrivals ?? "poisson", ["constant", "poisson"], "arrivals") : null,
    closeMode: loop === "churn" ? oneOf(values["close-mode"] ?? "fin", ["fin", "rst"], "close mode") : null,
    warmupSeconds: seconds(values.warmup ?? "1s", "--warmup"),
    durationSeconds: seconds(values.duration ?? "10s", "--duration"),
    timeoutSeconds: seconds(values.timeout ?? "5s", "--timeout"),
    seed: wholeNumber(values.seed ?? "1", "--seed", { least: 0, most: 1_000_000_000 }),
  };
}

function oneOf<const Name extends string>(value: string, names: readonly Name[], what: string): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw unknownName(what, value, [...names]);
}

function shardOf(values: Values) {
  const [, index = "1", shards = "1"] = /^(\d+)\/(\d+)$/.exec(values.shard ?? "1/1") ?? [];
  if (values.shard !== undefined && shards !== "1" && values["start-at"] === undefined)
    throw new Failure(2, "Shards begin together: give all of them the same --start-at.");
  if (!/^\d+\/\d+$/.test(values.shard ?? "1/1") || Number(index) < 1 || Number(index) > Number(shards))
    throw new Failure(2, `--shard takes which of how many, such as 2/4, not "${values.shard}".`);
  const cpus = values.cpus === undefined ? [] : parseCpuList(values.cpus, "--cpus");
  return {
    ...{ index: Number(index), shards: Number(shards), cpus, startAt: startOf(values["start-at"]) },
    threads: wholeNumber(values.threads ?? String(Math.max(1, cpus.length)), "--threads", {
      least: 1,
      most: 256,
    }),
  };
}

/** How far ahead a start may be; one further away is a slip of the pen. */
const AHEAD_MS = 3600_000;

function startOf(value: string | undefined): Date | null {
  if (value === undefined) return null;
  const moment = new Date(/^\d+$/.test(value) ? Number(value) * 1000 : value);
  const aheadMs = moment.getTime() - Date.now();
  if (Number.isNaN(aheadMs))
    throw new Failure(
      2,
      `--start-at takes a time such as 2026-01-31T12:00:00Z or seconds since 1970, not "${value}".`,
    );
  if (aheadMs < 0 || aheadMs > AHEAD_MS)
    throw new Failure(
      2,
      `--start-at ${value} is not within the next hour; its load would begin late, or never.`,
    );
  return moment;
}

function readShard(path: string): ShardRecord {
  const problem = (what: string): Failure =>
    new Failure(2, `${path} is no result of readymark load: ${what}.`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw problem((error as Error).message);
  }
  const [first] = shardProblems(value);
  if (first !== undefined) throw problem(first);
  return value as ShardRecord;
}

export default {
  name: "load",
  summary: "load a server once, from one machine or from several at once",
  help: HELP,
  run,
} satisfies Command;
