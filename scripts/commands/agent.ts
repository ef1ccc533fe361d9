/** `readymark agent`: loads servers for whoever asks over NATS, until it is ended. */
import { hostname } from "node:os";
import { LOOPBACK, parseAllowed } from "../../harness/agents/allowed.ts";
import { Failure } from "../../harness/failure.ts";
import { parseCpuList } from "../../harness/machine/cpu-list.ts";
import { parseOptions, type Command } from "../arguments.ts";
import { BROKER_HELP, BROKER_OPTIONS, brokerOf } from "../broker-options.ts";
import { SIGNAL_EXIT_CODES, untilSignal, type EndingSignal } from "../signals.ts";

const HELP = `usage: readymark agent --nats nats://HOST:4222 [options]

Makes this machine one of those that load a server together: a bench with --agents, or readymark load with --agents, deals
it a share of the connections. It runs loads and nothing else, and only against addresses that --allow names.

${BROKER_HELP}  --allow ${LOOPBACK}        addresses that it may load, as 10.1.2.3, 10.1.0.0/16 or 10.1.2.3:4000, joined by commas
                             (default: this machine)
  --cpus 2,3                 where its generator runs, with a thread on each; in an open loop it then polls without
                             sleeping (default: one thread wherever there is room)
  --name NAME                how reports name it (default: this machine's name and the process)
`;

/** Of one generator. */
const MOST_CPUS = 256;

async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(
    { ...BROKER_OPTIONS, allow: { type: "string" }, cpus: { type: "string" }, name: { type: "string" } },
    argv,
  );
  const broker = brokerOf(values);
  if (broker === null)
    throw new Failure(2, "An agent needs --nats, the address of the NATS server to meet at.");
  const allowed = parseAllowed(values.allow ?? LOOPBACK);
  const cpus = values.cpus === undefined ? [] : parseCpuList(values.cpus, "--cpus");
  if (cpus.length > MOST_CPUS)
    throw new Failure(
      2,
      `An agent runs a thread on each of at most ${MOST_CPUS} CPUs, and --cpus has ${cpus.length}.`,
    );
  const name = values.name ?? `${hostname()}-${process.pid}`;
  if (!/^[^\p{Cc}]{1,200}$/u.test(name))
    throw new Failure(2, "--name takes one line of at most 200 characters.");
  const { runAgent } = await import("../../harness/agents/agent.ts");
  const interruption = untilSignal();
  try {
    await runAgent({
      ...{ broker, name, allowed, cpus, signal: interruption.signal },
      onEvent: (sentence) => void process.stderr.write(`readymark: ${sentence}\n`),
    });
    return SIGNAL_EXIT_CODES[interruption.signal.reason as EndingSignal];
  } finally {
    interruption.forget();
  }
}

export default {
  name: "agent",
  summary: "load servers for a bench on another machine",
  help: HELP,
  run,
} satisfies Command;
