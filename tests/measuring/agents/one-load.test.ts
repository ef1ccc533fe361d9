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
import type { ShardRecord } from "../../../harness/results/shard.ts";
import { brokerObstacle, startBroker } from "../../system/agents/broker.ts";
import { onQuietMachine } from "../quiet-machine.ts";
import { BRIDGE_ADDRESS, makeNamespaces, namespaceObstacle } from "./namespaces.ts";

const obstacle = brokerObstacle() ?? namespaceObstacle();
const AGENTS = 4;
/** A busy moment of the machine only adds to a latency, so the least of some loads is what is compared; merging errs in all of them. */
const MOST_LOADS = 4;
/** Each percentile lies in the middle of a mode, where a moment's lateness moves it least. */
const DELAYS = [
  { share: 0.8, delayNs: 10e6 },
  { share: 0.18, delayNs: 25e6 },
  { share: 0.0185, delayNs: 60e6 },
  { share: 0.0015, delayNs: 150e6 },
];
const PERCENTILES = ["p50", "p90", "p99", "p99_9"] satisfies (keyof Percentiles)[];
const LOAD = ["--loop", "open", "--rate", "2000", "--connections", "128", "--seed", "5", "--duration", "3s"];

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

/** Of one load on a server of its own, so that each load gets the very same delays. */
async function latencyOf(...flags: string[]): Promise<Distribution> {
  const server = await startNullServer({
    ...{ protocol: "tcp", payloadBytes: 64, delays: DELAYS, seed: 3 },
    ...{ cpus: [SERVER_CPU], host: BRIDGE_ADDRESS },
  });
  try {
    const target = ["--address", `${BRIDGE_ADDRESS}:${server.port}`];
    const child = spawn("env", [...READYMARK, "load", "--json", ...target, ...LOAD, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (stdout === "") throw new Error(stderr);
    const { latency } = mergeSlices([(JSON.parse(stdout) as ShardRecord).load]);
    if (latency === null) throw new Error("Nothing was answered.");
    return latency;
  } finally {
    await server.stop();
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

/** The least of each percentile over some loads, ns. */
class Least {
  readonly #values = PERCENTILES.map(() => Infinity);

  add({ latencyNs }: Distribution): void {
    for (const [place, one] of PERCENTILES.entries())
      this.#values[place] = Math.min(this.#values[place]!, latencyNs[one]);
  }

  /** NaN before the first load. */
  over(other: Least): number[] {
    return this.#values.map((value, place) => value / other.#values[place]!);
  }
}

const isNear = (ratio: number): boolean => Math.abs(ratio - 1) < 0.02;

test.skipIf(obstacle !== null)(
  `four agents measure what one generator does${obstacle === null ? "" : ` (${obstacle})`}`,
  onQuietMachine(async () => {
    const namespaces = makeNamespaces(AGENTS);
    const broker = await startBroker(BRIDGE_ADDRESS);
    const agents = await Promise.all(namespaces.names.map((name) => startAgent(name, broker.url)));
    try {
      const [byAgents, byOne] = [new Least(), new Least()];
      let ratios = byAgents.over(byOne);
      for (let load = 0; load < MOST_LOADS && !ratios.every(isNear); load++) {
        const merged = await latencyOf("--agents", String(AGENTS), "--nats", broker.url);
        const single = await latencyOf("--threads", String(AGENTS));
        // The same seed, so the very same requests at the same moments.
        expect(merged.count).toBe(single.count);
        byAgents.add(merged);
        byOne.add(single);
        ratios = byAgents.over(byOne);
      }
      const figures = PERCENTILES.map((one, place) => `${one} ${ratios[place]!.toFixed(4)}`).join(", ");
      process.stdout.write(`latency of four agents to that of one generator: ${figures}\n`);
      expect(ratios.every(isNear), figures).toBe(true);
    } finally {
      await Promise.all(agents.map(end));
      await broker.stop();
      namespaces.remove();
    }
  }),
  // Two attempts of all loads, each of which takes about ten seconds with its start.
  240_000,
);
