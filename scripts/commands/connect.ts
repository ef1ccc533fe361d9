/** `readymark connect`: what happens to a connection, step by step, and the ways in which it fails. */
import { Failure } from "../../harness/failure.ts";
import { frameworkSource } from "../../harness/children/server/framework-server.ts";
import {
  connectFailures,
  middleLife,
  udpBurst,
  type Burst,
  type ConnectFailure,
  type Life,
  type Request,
  type Step,
} from "../../harness/connection/connection.ts";
import { STEPS, WAYS } from "../../harness/connection/explained.ts";
import { takeMachineLock } from "../../harness/machine/lock.ts";
import { assignCpus } from "../../harness/plan/cpus.ts";
import { discoverFrameworks, peerModulesOf } from "../../harness/plan/discovery.ts";
import { SHARDS } from "../../harness/plan/policy.ts";
import { selectVariants } from "../../harness/plan/selection.ts";
import { plain, type Table } from "../../harness/reports/tables.ts";
import { Page, writeTable } from "../../harness/reports/terminal-page.ts";
import { duration, inUnit, NOT_OBSERVED, percentage, timeUnit, whole } from "../../harness/units.ts";
import { parseOptions, wholeNumber, type Command } from "../arguments.ts";
import { SIGNAL_EXIT_CODES, untilSignal, type EndingSignal } from "../signals.ts";

const HELP = `usage: npm run -s readymark -- connect [FRAMEWORK ...] [--connections 201] [--payload 64] [--json]

Shows the life of one TCP connection as a client sees it, call by call: of ${"`--connections`"} one after the other the one whose
whole took the middle time, so that its parts add up. Without a FRAMEWORK the server is a thread of the same program, and its
side is shown, too. Then the ways in which connecting fails, each made to happen on this machine, and what UDP loses when a
burst does not fit into a socket's buffer.
`;

/** The usual size of net.core.rmem_default is among them. */
const BUFFERS = [4096, 16_384, 65_536, 212_992];
const DATAGRAMS = 1000;
/** What an IPv4 packet holds beside its headers and those of UDP. */
const MOST_DATAGRAM_BYTES = 65_507;

interface Lived {
  server: string;
  life: Life;
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    { connections: { type: "string" }, payload: { type: "string" }, json: { type: "boolean" } },
    argv,
    { name: "FRAMEWORK", most: 20 },
  );
  const connections = wholeNumber(values.connections ?? "201", "--connections", { least: 1, most: 10_000 });
  const payloadBytes = wholeNumber(values.payload ?? "64", "--payload", { least: 1, most: 1024 * 1024 });
  const { serverCpus, clientCpus } = assignCpus(null, null);
  const interruption = untilSignal();
  // A server in the same program has a CPU of its own, too.
  const cpus = positionals.length === 0 ? [...serverCpus, ...clientCpus] : clientCpus;
  const request: Request = { cpus, signal: interruption.signal };
  const lock = await takeMachineLock(`readymark connect ${argv.join(" ")}`);
  try {
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
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ lives, failures, bursts }, null, 1)}\n`
        : render(lives, failures, bursts, connections),
    );
    return 0;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return SIGNAL_EXIT_CODES[interruption.signal.reason as EndingSignal];
  } finally {
    await lock.release();
    interruption.forget();
  }
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
    const server = `${discovered.framework.name}/${variant.name}`;
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
      lives.push({ server, life: await middleLife(running.port, load, request) });
    } finally {
      request.signal.removeEventListener("abort", running.stop);
      await running.stop();
    }
  }
  return lives;
}

function render(
  lives: readonly Lived[],
  failures: readonly ConnectFailure[],
  bursts: readonly Burst[],
  connections: number,
): string {
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

function lifeTable(lives: readonly Lived[]): Table {
  const steps = Object.keys(STEPS) as Step[];
  const unit = timeUnit(lives.map(({ life }) => life.totalNs));
  const column = (title: string) => ({ title, unit: unit.name, align: "right" as const });
  return {
    columns: [{ title: "server", unit: null, align: "left" }, ...steps.map(column), column("whole")],
    rows: lives.map(({ server, life }) => [
      plain(server),
      ...steps.map((step) => plain(inUnit(life.stepsNs[step], unit))),
      plain(inUnit(life.totalNs, unit)),
    ]),
  };
}

/** The five-tuple from both sides, and when the server did what, where that is known. */
function sidesOf({ server, life }: Lived): string {
  const tuple = `${server}: TCP, ${life.local} to ${life.remote}`;
  if (life.server === null) return `${tuple}.`;
  const { remote, acceptedNs, receivedNs, answeredNs, endedNs, closedNs } = life.server;
  return (
    `${tuple}; the server saw it from ${remote}. It accepted ${duration(acceptedNs)} after the client began, had the request at ` +
    `${duration(receivedNs)} and had answered at ${duration(answeredNs)}; it saw the end at ${duration(endedNs)} and had closed at ` +
    `${duration(closedNs)}.`
  );
}

function failureTable(failures: readonly ConnectFailure[]): Table {
  return {
    columns: [
      { title: "way", unit: null, align: "left" },
      { title: "error", unit: null, align: "left" },
      { title: "after", unit: null, align: "right" },
    ],
    rows: failures.map(({ way, error, waitedNs }) => [
      plain(way),
      plain(error ?? NOT_OBSERVED),
      plain(waitedNs === null ? NOT_OBSERVED : duration(waitedNs)),
    ]),
  };
}

function burstTable(bursts: readonly Burst[]): Table {
  const column = (title: string, unit: string | null = null) => ({ title, unit, align: "right" as const });
  return {
    columns: [
      ...[column("buffer", "bytes"), column("sent"), column("received"), column("echoed")],
      ...[column("lost"), column("share"), column("dropped, by the kernel")],
    ],
    rows: bursts.map(({ bufferBytes, sent, received, echoed, dropped }) =>
      [
        ...[bufferBytes, sent, received, echoed, sent - received].map(whole),
        percentage((sent - received) / sent),
        whole(dropped),
      ].map((text) => plain(text)),
    ),
  };
}

export default {
  name: "connect",
  summary: "the life of one connection, call by call, and the ways in which connecting fails",
  help: HELP,
  run,
} satisfies Command;
