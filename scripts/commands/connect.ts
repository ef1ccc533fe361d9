/** `readymark connect`: what happens to a connection, step by step, and the ways in which it fails. */
import { Failure } from "../../harness/failure.ts";
import { frameworkSource } from "../../harness/children/server/framework-server.ts";
import {
  connectFailures,
  middleLife,
  udpBurst,
  type Burst,
  type Request,
} from "../../harness/connection/connection.ts";
import { STEPS, WAYS } from "../../harness/connection/explained.ts";
import { writeConnections, type ConnectionRecord } from "../../harness/connection/record.ts";
import { readEnvironment } from "../../harness/machine/environment.ts";
import { CONNECTIONS_FILE } from "../../harness/project.ts";
import { assignCpus } from "../../harness/plan/cpus.ts";
import { discoverFrameworks, peerModulesOf } from "../../harness/plan/discovery.ts";
import { SHARDS } from "../../harness/plan/policy.ts";
import { selectVariants } from "../../harness/plan/selection.ts";
import {
  burstTable,
  failureTable,
  lifeTable,
  sidesOf,
  type Lived,
} from "../../harness/reports/connection-tables.ts";
import { Page, writeTable } from "../../harness/reports/terminal-page.ts";
import { serverName } from "../../harness/results/server-name.ts";
import { whole } from "../../harness/units.ts";
import { alone } from "../alone.ts";
import { parseOptions, wholeNumber, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s readymark -- connect [FRAMEWORK ...] [--connections 201] [--payload 64] [--json] [--publish]

Shows the life of one TCP connection as a client sees it, call by call: of ${"`--connections`"} one after the other the one whose
whole took the middle time, so that its parts add up. A FRAMEWORK gets thousands of others before, so that it is warm. Without one
the server is a thread of the same program, and its side is shown, too. Then the ways in which connecting fails, each made to
happen on this machine, and what UDP loses when a burst does not fit into a socket's buffer.

  --publish   keeps all of it in results/connections.json, which the dashboard shows
`;

/** Connections that a server gets before those that count, because a fresh one still interprets its code. */
const WARM_UP = 5000;
/** The usual size of net.core.rmem_default is among them. */
const BUFFERS = [4096, 16_384, 65_536, 212_992];
const DATAGRAMS = 1000;
/** What an IPv4 packet holds beside its headers and those of UDP. */
const MOST_DATAGRAM_BYTES = 65_507;

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    {
      connections: { type: "string" },
      payload: { type: "string" },
      json: { type: "boolean" },
      publish: { type: "boolean" },
    },
    argv,
    { name: "FRAMEWORK", most: 20 },
  );
  const connections = wholeNumber(values.connections ?? "201", "--connections", { least: 1, most: 10_000 });
  const payloadBytes = wholeNumber(values.payload ?? "64", "--payload", { least: 1, most: 1024 * 1024 });
  const { serverCpus, clientCpus } = assignCpus(null, null);
  // A server in the same program has a CPU of its own, too.
  const cpus = positionals.length === 0 ? [...serverCpus, ...clientCpus] : clientCpus;
  return alone(`readymark connect ${argv.join(" ")}`, async (signal) => {
    const request: Request = { cpus, signal };
    const load = { connections, payloadBytes };
    const lives =
      positionals.length === 0
        ? [{ server: "a blocking thread", life: await middleLife(0, load, request) }]
        : await livesUnder(positionals, load, serverCpus, request);
    const failures = await connectFailures(request);
    const bursts: Burst[] = [];
    for (const bufferBytes of BUFFERS)
      bursts.push(
        await udpBurst(
          { bufferBytes, datagrams: DATAGRAMS, payloadBytes: Math.min(payloadBytes, MOST_DATAGRAM_BYTES) },
          request,
        ),
      );
    const record: ConnectionRecord = {
      ...{ recordedAt: new Date().toISOString(), machine: machineText(), connections },
      ...{ lives, failures, bursts },
    };
    process.stdout.write(values.json ? `${JSON.stringify(record, null, 1)}\n` : render(record));
    if (values.publish) writeConnections(CONNECTIONS_FILE, record);
    return 0;
  });
}

async function livesUnder(
  names: readonly string[],
  load: { connections: number; payloadBytes: number },
  cpus: readonly number[],
  request: Request,
): Promise<Lived[]> {
  const frameworks = await discoverFrameworks();
  const lives: Lived[] = [];
  for (const { discovered, variant } of selectVariants(frameworks, names, "default")) {
    const server = serverName({ framework: discovered.framework.name, variant: variant.name });
    if (!variant.protocols.includes("tcp")) throw new Failure(2, `${server} does not echo over tcp.`);
    const availability = await variant.availability();
    if (!availability.available) throw new Failure(4, `${server} cannot run here: ${availability.reason}`);
    const source = frameworkSource({
      moduleUrl: discovered.moduleUrl,
      variant: variant.name,
      peers: peerModulesOf(frameworks),
    });
    const running = await source({ protocol: "tcp", cpus, shards: SHARDS, port: 0 });
    request.signal.addEventListener("abort", running.stop);
    try {
      request.signal.throwIfAborted();
      await middleLife(running.port, { ...load, connections: WARM_UP }, request);
      lives.push({ server, life: await middleLife(running.port, load, request) });
    } finally {
      request.signal.removeEventListener("abort", running.stop);
      await running.stop();
    }
  }
  return lives;
}

function machineText(): string {
  const { cpu, kernel, versions } = readEnvironment({});
  return `${cpu.model}, ${cpu.count} CPUs, Linux ${kernel}, Node.js ${versions["node"]}`;
}

function render({ lives, failures, bursts, connections }: ConnectionRecord): string {
  const page = new Page({
    columns: process.stdout.columns ?? 120,
    colour: process.stdout.hasColors?.() ?? false,
  });
  page.line(page.style("bold", "readymark connect: the life of a connection"));
  page.paragraph(
    `The one of ${connections} connections whose whole took the middle time, as the client sees it. Each step runs from the end of ` +
      "the one before to its own.",
  );
  writeTable(page, lifeTable(lives));
  page.line();
  for (const [step, what] of Object.entries(STEPS)) page.paragraph(`${step}: ${what}`, "- ");
  for (const one of lives) page.paragraph(sidesOf(one), "- ");
  page.heading("Ways in which connecting fails");
  writeTable(page, failureTable(failures));
  page.line();
  for (const { way, reason } of failures) page.paragraph(`${way}: ${reason ?? WAYS[way]}`, "- ");
  page.heading("What UDP loses");
  page.paragraph(
    `${whole(DATAGRAMS)} datagrams in one burst, to a server that only then begins to read. What does not fit into the receive buffer ` +
      "is dropped, and nobody is told but a counter: the kernel's, at the right, says the same as what is missing.",
  );
  writeTable(page, burstTable(bursts));
  return page.toString();
}

export default {
  name: "connect",
  summary: "the life of one connection, call by call, and the ways in which connecting fails",
  help: HELP,
  run,
} satisfies Command;
