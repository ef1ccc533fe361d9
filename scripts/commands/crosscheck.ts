/** `readymark crosscheck`: the same server under our load generator and under others. */
import { parseCpuList } from "../../harness/machine/cpu-list.ts";
import { randomInt } from "node:crypto";
import Table from "cli-table3";
import { crossCheck, middle, type CrossCheck } from "../../harness/crosscheck/crosscheck.ts";
import { explainDisagreements } from "../../harness/crosscheck/disagreement.ts";
import { discoverFrameworks, peerModulesOf } from "../../harness/plan/discovery.ts";
import { Failure } from "../../harness/failure.ts";
import { assignCpus } from "../../harness/plan/cpus.ts";
import { takeMachineLock } from "../../harness/machine/lock.ts";
import { selectVariants } from "../../harness/plan/selection.ts";
import { frameworkSource } from "../../harness/children/server/framework-server.ts";
import { listOption, parseOptions, wholeNumber, type Command } from "../arguments.ts";

/** Each is the cheapest of its protocol here, so that the client has the most to do. */
const DEFAULT_SERVERS = { http: "uwebsockets", tcp: "native-echo/epoll" } as const;

const HELP = `usage: npm run -s readymark -- crosscheck [FRAMEWORK] [options]

Runs echoes against one server with readymark's load generator and others in shuffled alternation, shows throughput,
latency and CPU per request of each side by side, and says where they disagree and why. Over http (POST) the others are
wrk and autocannon, over tcp a minimal client that is compiled on the spot: the least that such a load costs.

  --protocol http            or tcp; the server is uwebsockets, or native-echo/epoll for tcp, unless it is named
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
      ...{ protocol: text, rounds: text, seconds: text, connections: text, payload: text, seed: text },
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
  const protocol = protocolOf(values.protocol ?? "http");
  const load = {
    protocol,
    seconds: number(values.seconds, 3, "--seconds", 600),
    connections: number(values.connections, 64, "--connections", 10_000),
    payloadBytes: number(values.payload, 64, "--payload", 1024 * 1024),
    seed: number(values.seed, randomInt(1, 1_000_000_000), "--seed", 1_000_000_000),
    cpus: clientCpus,
  };
  const frameworks = await discoverFrameworks();
  const [selected] = selectVariants(
    frameworks,
    listOption(positionals[0], "FRAMEWORK") ?? [DEFAULT_SERVERS[protocol]],
    "default",
  );
  if (!selected?.variant.protocols.includes(protocol))
    throw new Failure(
      2,
      `crosscheck over ${protocol} needs a server that speaks it; see: npm run bench -- --list`,
    );
  const availability = await selected.variant.availability();
  if (!availability.available)
    throw new Failure(4, `${selected.discovered.framework.name}: ${availability.reason}`);

  const lock = await takeMachineLock(`readymark crosscheck ${argv.join(" ")}`);
  try {
    const source = frameworkSource({
      moduleUrl: selected.discovered.moduleUrl,
      variant: selected.variant.name,
      peers: peerModulesOf(frameworks),
    });
    const server = await source({ protocol, cpus: serverCpus, shards: 2, port: 0 });
    try {
      const result = await crossCheck(server, rounds, load, (round, engine) =>
        process.stderr.write(`readymark: round ${round + 1} of ${rounds}, ${engine}\n`),
      );
      process.stdout.write(
        values.json
          ? `${JSON.stringify({ load, ...result, disagreements: explainDisagreements(result) }, null, 2)}\n`
          : render(result),
      );
      return 0;
    } finally {
      await server.stop();
    }
  } finally {
    await lock.release();
  }
}

function protocolOf(value: string): "tcp" | "http" {
  if (value === "tcp" || value === "http") return value;
  throw new Failure(2, `--protocol takes http or tcp, not "${value}".`);
}

function render(result: CrossCheck): string {
  const { engines, ratios } = result;
  const table = new Table({
    head: ["engine", "requests/s", "client CPU/req", "client busy", "server busy", "p50", "p99"],
    style: { head: [] },
  });
  for (const result of engines) {
    if (result.unavailable !== null) {
      table.push([result.engine, { colSpan: 6, content: result.unavailable }]);
      continue;
    }
    const shown = (value: number | null, digits: number, unit: string): string =>
      value === null ? "–" : `${value.toFixed(digits)}${unit}`;
    const micro = (value: number | null): number | null => (value === null ? null : value / 1000);
    const share = (value: number | null): string => shown(value === null ? null : value * 100, 0, " %");
    table.push([
      `${result.engine} ${result.version}`,
      shown(
        middle(result, (round) => round.requestsPerSecond),
        0,
        "",
      ),
      shown(micro(middle(result, (round) => round.clientCpuNsPerRequest)), 2, " µs"),
      share(middle(result, (round) => round.clientBusyShare)),
      share(middle(result, (round) => round.serverBusyShare)),
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
  return `${[table.toString(), ...lines, ...explainDisagreements(result)].join("\n")}\n`;
}

export default {
  name: "crosscheck",
  summary: "the same server under our load generator, wrk, autocannon and a minimal client",
  help: HELP,
  run,
} satisfies Command;
