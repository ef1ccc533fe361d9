/** Four agents, each in a network namespace of its own, are one load: what they measure is what one generator measures. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { startNullServer } from "../../../harness/calibrate/null-server.ts";
import { mergeSlices } from "../../../harness/children/generator/slice-load.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import type { Distribution, Percentiles } from "../../../harness/results/run.ts";
import { median } from "../../../harness/statistics/median.ts";
import type { ShardRecord } from "../../../harness/results/shard.ts";
import { brokerObstacle, startBroker } from "../../system/agents/broker.ts";
import { onQuietMachine } from "../quiet-machine.ts";
import { BRIDGE_ADDRESS, makeNamespaces, namespaceObstacle } from "./namespaces.ts";

const obstacle = brokerObstacle() ?? namespaceObstacle();
const AGENTS = 4;
/** What a moment of the machine does to one load, it hardly does to most of them; what merging does, it does to all. */
const COMPARISONS = 3;
/** Each percentile lies in the middle of a mode, where a moment's lateness moves it least. */
const DELAYS = [
  { share: 0.8, delayNs: 10e6 },
  { share: 0.18, delayNs: 25e6 },
  { share: 0.0185, delayNs: 60e6 },
  { share: 0.0015, delayNs: 150e6 },
];
const LOAD = ["--loop", "open", "--rate", "2000", "--connections", "128", "--seed", "5", "--duration", "2s"];

const [SERVER_CPU = 0, LOAD_CPU = 0] = allowedCpus();
/** Away from the CPU of the null server, which never sleeps. */
const READYMARK = [
  "taskset",
  "-c",
  String(LOAD_CPU),
  process.execPath,
  join(PROJECT_ROOT, "scripts", "readymark.ts"),
];

async function startAgent(namespace: string, url: string): Promise<ChildProcess> {
  const flags = ["agent", "--nats", url, "--name", namespace, "--allow", BRIDGE_ADDRESS];
  const agent = spawn("ip", ["netns", "exec", namespace, ...READYMARK, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await once(agent.stderr!, "data");
  return agent;
}

async function latencyOf(...flags: string[]): Promise<Distribution> {
  const child = spawn("env", [...READYMARK, "load", "--json", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stdout === "") throw new Error(stderr);
  const { latency } = mergeSlices([(JSON.parse(stdout) as ShardRecord).load]);
  if (latency === null) throw new Error("Nothing was answered.");
  return latency;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

test.skipIf(obstacle !== null)(
  `four agents measure what one generator does${obstacle === null ? "" : ` (${obstacle})`}`,
  onQuietMachine(async () => {
    const namespaces = makeNamespaces(AGENTS);
    const server = await startNullServer({
      ...{ protocol: "tcp", payloadBytes: 64, delays: DELAYS, seed: 3 },
      ...{ cpus: [SERVER_CPU], host: BRIDGE_ADDRESS },
    });
    const broker = await startBroker(BRIDGE_ADDRESS);
    const agents = await Promise.all(namespaces.names.map((name) => startAgent(name, broker.url)));
    try {
      const target = ["--address", `${BRIDGE_ADDRESS}:${server.port}`, ...LOAD];
      const percentiles = ["p50", "p90", "p99", "p99_9"] satisfies (keyof Percentiles)[];
      const ratios: number[][] = percentiles.map(() => []);
      for (let comparison = 0; comparison < COMPARISONS; comparison++) {
        const byAgents = await latencyOf(...target, "--agents", String(AGENTS), "--nats", broker.url);
        const byOne = await latencyOf(...target, "--threads", String(AGENTS));
        // The same seed, so the very same requests at the same moments.
        expect(byAgents.count).toBe(byOne.count);
        for (const [place, one] of percentiles.entries())
          ratios[place]!.push(byAgents.latencyNs[one] / byOne.latencyNs[one]);
      }
      const middle = ratios.map((values) => median(values));
      const figures = percentiles.map((one, place) => `${one} ${middle[place]!.toFixed(4)}`).join(", ");
      process.stdout.write(`latency of four agents to that of one generator: ${figures}\n`);
      expect(Math.max(...middle.map((ratio) => Math.abs(ratio - 1))), figures).toBeLessThan(0.02);
    } finally {
      await Promise.all(agents.map(end));
      await broker.stop();
      await server.stop();
      namespaces.remove();
    }
  }),
);
