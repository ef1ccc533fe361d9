/** What a plan needs in open files, process by process, and what is said of it. */
import { expect, test } from "vitest";
import { splitOverProcesses } from "../../../harness/children/idle-connections/idle-connections.ts";
import { descriptorNeeds, descriptorObstacle } from "../../../harness/plan/descriptors.ts";
import { openFileLimit } from "../../../harness/machine/open-files.ts";

const cell = (idleConnections: number, connections: number) => ({
  ...({ protocol: "tcp", scenario: "idle", parameters: { idleConnections, connections } } as const),
});
const TOGETHER = { trace: "none" as const, address: null, isolated: false, port: 0 };
const LIMIT = openFileLimit() ?? 0;

test("the server has all connections, the generator the active ones, and other processes the idle ones", () => {
  expect(descriptorNeeds(TOGETHER, [cell(0, 32), cell(3000, 1)])).toEqual({
    server: 3101,
    generator: 132,
    idleProcesses: [3100],
  });
});

test.each([
  { connections: 0, openFiles: 20_000, shares: [] },
  { connections: 18_000, openFiles: 20_000, shares: [15_000, 3000] },
  { connections: 18_000, openFiles: null, shares: [15_000, 3000] },
  { connections: 2000, openFiles: 1024, shares: [924, 924, 152] },
])("$connections idle connections under a limit of $openFiles are split", (one) => {
  expect(splitOverProcesses(one.connections, one.openFiles)).toEqual(one.shares);
});

test("a plan that just fits has no obstacle, and one connection more has", () => {
  expect(descriptorObstacle(TOGETHER, [cell(LIMIT - 101, 1)])).toBeNull();
  expect(descriptorObstacle(TOGETHER, [cell(LIMIT - 100, 1)])).toContain(`or use --idle ${LIMIT - 101}`);
});

test("a server that was started elsewhere has a limit of its own", () => {
  expect(descriptorObstacle({ ...TOGETHER, address: "127.0.0.1:1" }, [cell(LIMIT, 1)])).toBeNull();
});

test("the generator's connections are bounded wherever the server is", () => {
  expect(descriptorObstacle({ ...TOGETHER, address: "127.0.0.1:1" }, [cell(0, LIMIT)])).toContain(
    "in the load generator's process",
  );
});

test("connections that agents have are not this machine's, unless a traced pass has them, too", () => {
  const byAgents = { ...TOGETHER, address: "127.0.0.1:1", agents: { count: 4, broker: "nats://h" } };
  expect(descriptorObstacle(byAgents, [cell(0, LIMIT)])).toBeNull();
  expect(descriptorObstacle({ ...byAgents, trace: "all" }, [cell(0, LIMIT)])).not.toBeNull();
});

test("servers that are loaded in turn share the generator's descriptors, and servers alone do not", () => {
  const servers = Array.from({ length: 5 }, () => cell(0, 64));
  expect(descriptorNeeds(TOGETHER, servers).generator).toBe(5 * 64 + 100);
  expect(descriptorNeeds({ ...TOGETHER, isolated: true }, servers).generator).toBe(164);
  const many = Array.from({ length: 5 }, () => cell(0, Math.ceil(LIMIT / 5)));
  expect(descriptorObstacle(TOGETHER, many)).toContain("to 5 servers that are loaded in turn");
  expect(descriptorObstacle(TOGETHER, many)).toContain("--isolated, or --connections");
});
