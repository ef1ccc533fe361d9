/** `readymark crosscheck`: the same server under our load generator, wrk and autocannon. */
import { randomInt } from "node:crypto";
import Table from "cli-table3";
import { crossCheck, middle, type CrossCheck } from "../../harness/crosscheck/crosscheck.ts";
import { discoverFrameworks } from "../../harness/discovery.ts";
import { Failure } from "../../harness/failure.ts";
import { assignCpus, parseCpuList } from "../../harness/run/cpus.ts";
import { takeMachineLock } from "../../harness/run/lock.ts";
import { selectVariants } from "../../harness/run/selection.ts";
import { frameworkSource } from "../../harness/servers/framework-server.ts";
import { listOption, parseOptions, wholeNumber, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s readymark -- crosscheck [FRAMEWORK] [options]

Runs HTTP POST echoes against one server (default: uwebsockets) with readymark's load generator, wrk and autocannon,
in shuffled alternation, and shows throughput, latency and CPU per request of each side by side.

  --rounds 5 --seconds 3     rounds, and seconds of load for each engine in a round
  --connections 64 --payload 64
  --server-cpus 0 --client-cpus 1
  --seed N                   repeats the order
  --json                     one JSON document on stdout
`;

async function run(argv: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseOptions(
    {
      ...{ rounds: text, seconds: text, connections: text, payload: text, seed: text },
      ...{ "server-cpus": text, "client-cpus": text, json: { type: "boolean" } },
    } as const,
    argv,
    { name: "FRAMEWORK", most: 1 },
  );
  const number = (value: string | undefined, fallback: number, flag: string, most: number): number =>
    wholeNumber(value ?? String(fallback), flag, { least: 1, most });
  const cpuList = (flag: "server-cpus" | "client-cpus") =>
    values[flag] === undefined ? null : parseCpuList(values[flag], `--${flag}`);
  const { serverCpus, clientCpus } = assignCpus(cpuList("server-cpus"), cpuList("client-cpus"));
  const rounds = number(values.rounds, 5, "--rounds", 1000);
  const load = {
    seconds: number(values.seconds, 3, "--seconds", 600),
    connections: number(values.connections, 64, "--connections", 10_000),
    payloadBytes: number(values.payload, 64, "--payload", 1024 * 1024),
    seed: number(values.seed, randomInt(1, 1_000_000_000), "--seed", 1_000_000_000),
    cpus: clientCpus,
  };
  const frameworks = await discoverFrameworks();
  const [selected] = selectVariants(
    frameworks,
    listOption(positionals[0], "FRAMEWORK") ?? ["uwebsockets"],
    "default",
  );
  if (!selected?.variant.protocols.includes("http"))
    throw new Failure(2, "crosscheck needs a server that speaks http.");
  const availability = await selected.variant.availability();
  if (!availability.available)
    throw new Failure(4, `${selected.discovered.framework.name}: ${availability.reason}`);

  const lock = await takeMachineLock(`readymark crosscheck ${argv.join(" ")}`);
  try {
    const source = frameworkSource(selected.discovered, selected.variant.name, frameworks);
    const server = await source({ protocol: "http", cpus: serverCpus, shards: 2, port: 0 });
    try {
      const result = await crossCheck(server, rounds, load, (round, engine) =>
        process.stderr.write(`readymark: round ${round + 1} of ${rounds}, ${engine}\n`),
      );
      process.stdout.write(
        values.json ? `${JSON.stringify({ load, ...result }, null, 2)}\n` : render(result),
      );
      return 0;
    } finally {
      await server.stop();
    }
  } finally {
    await lock.release();
  }
}

function render({ engines, ratios }: CrossCheck): string {
  const table = new Table({
    head: ["engine", "requests/s", "client CPU/req", "server busy", "p50", "p99"],
    style: { head: [] },
  });
  for (const result of engines) {
    if (result.unavailable !== null) {
      table.push([result.engine, { colSpan: 5, content: result.unavailable }]);
      continue;
    }
    const shown = (value: number | null, digits: number, unit: string): string =>
      value === null ? "–" : `${value.toFixed(digits)}${unit}`;
    const micro = (value: number | null): number | null => (value === null ? null : value / 1000);
    const busy = middle(result, (round) => round.serverBusyShare);
    table.push([
      `${result.engine} ${result.version}`,
      shown(
        middle(result, (round) => round.requestsPerSecond),
        0,
        "",
      ),
      shown(micro(middle(result, (round) => round.clientCpuNsPerRequest)), 2, " µs"),
      shown(busy === null ? null : busy * 100, 0, " %"),
      shown(micro(middle(result, (round) => round.latencyNs?.p50 ?? null)), 0, " µs"),
      shown(micro(middle(result, (round) => round.latencyNs?.p99 ?? null)), 0, " µs"),
    ]);
  }
  const interval = ({ value, low, high }: { value: number; low: number; high: number }): string =>
    `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const lines = ratios.map(
    ({ engine, requestsPerSecond, clientCpuNsPerRequest }) =>
      `readymark over ${engine}: throughput ${interval(requestsPerSecond)}, client CPU per request ${interval(clientCpuNsPerRequest)}`,
  );
  return `${table.toString()}\n${lines.join("\n")}\nautocannon records whole milliseconds, so below 1 ms its latency reads 0.\n`;
}

export default {
  name: "crosscheck",
  summary: "the same server under our load generator, wrk and autocannon",
  help: HELP,
  run,
} satisfies Command;
