/** A bench whose servers are loaded by agents. */
import { expect, test } from "vitest";
import type { Run } from "../../../harness/results/run.ts";
import { end, startAgent } from "../../system/agents/agent.ts";
import { brokerObstacle, startBroker } from "../../system/agents/broker.ts";
import { readymark, withFolder } from "../commands/command-line.ts";
import { onQuietMachine } from "../quiet-machine.ts";

const obstacle = brokerObstacle();

test.skipIf(obstacle !== null)(
  `has the load of all agents, and the CPU time of its server${obstacle === null ? "" : ` (${obstacle})`}`,
  onQuietMachine(async () => {
    const broker = await startBroker();
    const agents = await Promise.all(["a", "b"].map((name) => startAgent(broker, name)));
    try {
      await withFolder(async (out) => {
        const { stdout } = await readymark(
          ...["bench", "--json", "--out", out, "--agents", "2", "--nats", broker.url],
          ...["--frameworks", "node-net", "--scenarios", "echo", "--protocols", "tcp", "--trace", "none"],
          ...["--generations", "1", "--duration", "500ms", "--warmup", "100ms", "--warmup-limit", "200ms"],
        );
        const run = JSON.parse(stdout) as Run;
        const [sample] = run.cells[0]!.samples;
        expect(run.plan.agents).toEqual({ count: 2, broker: broker.url });
        expect(sample?.load?.agents?.map(({ name }) => name)).toEqual(["a", "b"]);
        expect(sample?.load?.operations).toBeGreaterThan(0);
        expect(sample?.serverCpuNsPerOp).toBeGreaterThan(0);
        expect(sample?.validity?.checks.map(({ id }) => id)).toContain("agents-together");
      });
    } finally {
      await Promise.all(agents.map((agent) => end(agent)));
      await broker.stop();
    }
  }),
);

test.skipIf(obstacle !== null)(
  `ends with the agent's own words when that refuses, and makes no samples of it${obstacle === null ? "" : ` (${obstacle})`}`,
  async () => {
    const broker = await startBroker();
    const agent = await startAgent(broker, "a", "--allow", "10.0.0.1");
    try {
      await withFolder(async (out) => {
        const { code, stderr } = await readymark(
          ...["bench", "--out", out, "--agents", "1", "--nats", broker.url, "--frameworks", "node-net"],
          ...["--scenarios", "echo", "--protocols", "tcp", "--trace", "none", "--generations", "1"],
        );
        expect(code).toBe(4);
        expect(stderr).toContain("The agent a refused: it may not load 127.0.0.1:");
      });
    } finally {
      await end(agent);
      await broker.stop();
    }
  },
);

test.skipIf(obstacle !== null)(
  `is refused before it starts when there are more threads than connections${obstacle === null ? "" : ` (${obstacle})`}`,
  async () => {
    const broker = await startBroker();
    const agents = await Promise.all(["a", "b"].map((name) => startAgent(broker, name)));
    try {
      await withFolder(async (out) => {
        const { code, stderr } = await readymark(
          ...["bench", "--out", out, "--agents", "2", "--nats", broker.url, "--frameworks", "node-net"],
          ...["--scenarios", "echo", "--protocols", "tcp", "--connections", "1,64"],
        );
        expect(code).toBe(2);
        expect(stderr).toContain("1 connections cannot be shared by 2 threads of 2 agents");
      });
    } finally {
      await Promise.all(agents.map((one) => end(one)));
      await broker.stop();
    }
  },
);
