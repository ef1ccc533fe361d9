/** Agents over a real broker, and what is left of a load when one of those who make it is killed. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ShardRecord } from "../../../harness/results/shard.ts";
import { startReadymark, type Outcome } from "../../measuring/commands/command-line.ts";
import { tcpEchoServer, type TestServer } from "../../measuring/generator/servers.ts";
import { end, said, startAgent } from "./agent.ts";
import { brokerObstacle, startBroker, type Broker } from "./broker.ts";

const obstacle = brokerObstacle();

describe.skipIf(obstacle !== null)(`agents${obstacle === null ? "" : ` (${obstacle})`}`, () => {
  let broker: Broker;
  let server: TestServer;
  let agents: ChildProcess[] = [];

  beforeAll(async () => {
    broker = await startBroker();
    server = await tcpEchoServer();
  });
  afterEach(async () => {
    await Promise.all(agents.map((agent) => end(agent)));
    agents = [];
  });
  afterAll(async () => {
    await server.close();
    await broker.stop();
  });

  const startAgents = async (...names: string[]): Promise<void> => {
    agents = await Promise.all(names.map((name) => startAgent(broker, name)));
  };
  const load = (...flags: string[]): { child: ChildProcess; outcome: Promise<Outcome> } =>
    startReadymark([
      ...["load", "--json", "--nats", broker.url, "--address", `127.0.0.1:${server.port}`],
      ...["--connections", "8", "--warmup", "200ms", ...flags],
    ]);
  const recordOf = ({ stdout, stderr }: Outcome): ShardRecord => {
    if (stdout === "") throw new Error(`There is no record: ${stderr}`);
    return JSON.parse(stdout) as ShardRecord;
  };

  test("load a server together, begin together, and account for every request", async () => {
    await startAgents("a", "b");
    const { outcome } = load("--agents", "2", "--duration", "500ms");
    const record = recordOf(await outcome);
    const { agents: seen = [], accounting, operations } = record.load;
    expect(seen.map(({ name, lost }) => [name, lost])).toEqual([
      ["a", null],
      ["b", null],
    ]);
    // How close together is for a quiet machine to say; a second apart they did not know of each other.
    expect(Math.max(...seen.map(({ startErrorNs }) => Math.abs(startErrorNs ?? Infinity)))).toBeLessThan(1e9);
    expect(operations).toBe(seen.reduce((sum, one) => sum + one.operations, 0));
    expect(accounting.sent).toBe(accounting.ok);
    expect(Math.min(...seen.map((one) => one.operations))).toBeGreaterThan(0);
  });

  test("refuse an address that their own user did not allow", async () => {
    agents = [await startAgent(broker, "a", "--allow", "10.1.2.3")];
    const { code, stderr } = await load("--agents", "1").outcome;
    expect(code).toBe(4);
    expect(stderr).toContain(`The agent a refused: it may not load 127.0.0.1:${server.port}`);
  });

  test("that are too few are named, with how to start more", async () => {
    await startAgents("a");
    const { code, stderr } = await load("--agents", "2").outcome;
    expect(code).toBe(4);
    expect(stderr).toContain("Of 2 agents 1 are");
    expect(stderr).toContain(`Start more with: readymark agent --nats ${broker.url}`);
  });

  test("that are killed make the load invalid, and the part of the others is kept", async () => {
    await startAgents("a", "b");
    const { child, outcome } = load("--agents", "2", "--duration", "2s");
    await said(child, "is kept as");
    await delay(500);
    await end(agents[0]!, "SIGKILL");
    const ended = await outcome;
    expect(ended.code).toBe(1);
    const { agents: seen = [], operations } = recordOf(ended).load;
    expect(seen).toMatchObject([
      { name: "a", lost: "it does not answer", operations: 0 },
      { name: "b", lost: null, operations },
    ]);
    expect(operations).toBeGreaterThan(0);
  });

  test("that are ended politely make it invalid as well, and say why", async () => {
    await startAgents("a", "b");
    const { child, outcome } = load("--agents", "2", "--duration", "2s");
    await said(child, "is kept as");
    await delay(700);
    await end(agents[0]!);
    const ended = await outcome;
    expect(ended.code).toBe(1);
    const { agents: seen = [], operations } = recordOf(ended).load;
    expect(seen[0]).toMatchObject({ name: "a", operations: 0, lost: expect.stringContaining("process") });
    expect(seen[1]).toMatchObject({ name: "b", operations, lost: null });
  });

  test("serve one load after another", async () => {
    await startAgents("a", "b");
    const codes: (number | null)[] = [];
    for (let turn = 0; turn < 2; turn++)
      codes.push((await load("--agents", "2", "--duration", "200ms").outcome).code);
    expect(codes.includes(4)).toBe(false);
  });

  test("are free again when a load was interrupted", async () => {
    await startAgents("a");
    const { child, outcome } = load("--agents", "1", "--duration", "60s");
    await said(child, "is kept as");
    await delay(500);
    child.kill("SIGINT");
    expect((await outcome).code).toBe(130);
    const next = await load("--agents", "1", "--duration", "200ms").outcome;
    expect(recordOf(next).load.operations).toBeGreaterThan(0);
  });

  test("and their controller go on whatever else is said on the broker", async () => {
    await startAgents("a");
    const { connect } = await import("@nats-io/transport-node");
    const stranger = await connect({ servers: broker.url });
    try {
      const heard: string[] = [];
      const { child, outcome } = load("--agents", "1", "--duration", "1s");
      const name = /--collect (\w+)/.exec(await said(child, "--collect"))?.[1] ?? "";
      stranger.publish(`readymark.results.${name}.1.a`, "no JSON");
      stranger.publish("readymark.agents", "{}");
      stranger.subscribe("readymark.agents", {
        callback: (_error, message) => void heard.push(message.subject),
      });
      await stranger.flush();
      expect(recordOf(await outcome).load.operations).toBeGreaterThan(0);
      expect((await load("--agents", "1", "--duration", "200ms").outcome).code).not.toBe(4);
      expect(heard.length).toBeGreaterThan(0);
    } finally {
      await stranger.close();
    }
  });

  test("finish for a controller that was killed, and whoever asks later gets the whole load", async () => {
    await startAgents("a", "b");
    const { child } = load("--agents", "2", "--duration", "2s");
    const heard = await said(child, "--collect");
    await delay(700);
    await end(child, "SIGKILL");
    const [, name = ""] = /--collect (\w+)/.exec(heard) ?? [];
    const collected = await startReadymark(["load", "--json", "--nats", broker.url, "--collect", name])
      .outcome;
    expect(collected.code).toBe(0);
    const { agents: seen = [], windowSeconds } = recordOf(collected).load;
    expect(seen.map(({ lost }) => lost)).toEqual([null, null]);
    expect(windowSeconds).toBeCloseTo(2, 3);
  });

  test("outlast a broker that starts again in the middle of a load", async () => {
    await startAgents("a", "b");
    const { child, outcome } = load("--agents", "2", "--duration", "2s");
    await said(child, "is kept as");
    await delay(500);
    await broker.restart();
    const ended = await outcome;
    expect(ended.code).toBe(0);
    expect(recordOf(ended).load.agents?.map(({ lost }) => lost)).toEqual([null, null]);
  });

  test("are not lost while it is the broker that does not answer", async () => {
    await startAgents("a", "b");
    const { child, outcome } = load("--agents", "2", "--duration", "1s");
    await said(child, "is kept as");
    // The slice is ordered by then.
    await delay(500);
    // Longer than an agent may be silent.
    await broker.hang(7000);
    expect(recordOf(await outcome).load.agents?.map(({ lost }) => lost)).toEqual([null, null]);
  });

  test("are another controller's neither, as long as theirs is there", async () => {
    await startAgents("a");
    const { child } = load("--agents", "1", "--duration", "60s");
    await said(child, "is kept as");
    const other = await load("--agents", "1", "--duration", "200ms").outcome;
    child.kill("SIGINT");
    expect(other).toMatchObject({ code: 4, stderr: expect.stringContaining("1 that work for others") });
  });
});
