/** What an idle connection costs in user space, beside Node's own sockets. Prints the figures of both. */
import { expect, test } from "vitest";
import { openIdleConnections } from "../../../harness/children/idle-connections/idle-connections.ts";
import { discoverFrameworks } from "../../../harness/plan/discovery.ts";
import { residentBytes } from "../../../harness/machine/proc.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { startServerProcess } from "../conformance/server-process.ts";

const CONNECTIONS = 4000;
/** Their accepting compiles and loads what is paid once, whatever the number of connections. */
const FIRST_CONNECTIONS = 500;

/** Resident memory that each connection of a crowd adds to the server's process. */
async function bytesPerConnection(framework: string, variant: string): Promise<number> {
  const found = (await discoverFrameworks()).find((one) => one.framework.name === framework);
  const server = await startServerProcess(found!.moduleUrl, {
    protocol: "tcp",
    variant,
    host: "127.0.0.1",
    port: 0,
    reusePort: false,
    shards: 1,
    peers: [],
  });
  try {
    const target = { host: "127.0.0.1", port: server.port };
    const accepted = async (): Promise<number | undefined> => (await server.connectionsPerShard())?.[0];
    const first = await openIdleConnections(target, FIRST_CONNECTIONS, allowedCpus());
    try {
      await expect.poll(accepted).toBe(FIRST_CONNECTIONS);
      const before = residentBytes(server.pid);
      const crowd = await openIdleConnections(target, CONNECTIONS, allowedCpus());
      try {
        await expect.poll(accepted).toBe(FIRST_CONNECTIONS + CONNECTIONS);
        const after = residentBytes(server.pid);
        if (before === null || after === null) throw new Error(`${framework} did not survive the crowd.`);
        return (after - before) / CONNECTIONS;
      } finally {
        await crowd.close();
      }
    } finally {
      await first.close();
    }
  } finally {
    await server.stop();
  }
}

test(
  "an idle connection takes less memory in the reactor than in node:net",
  { timeout: 60_000 },
  async () => {
    const reactor = await bytesPerConnection("reactor", "epoll");
    const net = await bytesPerConnection("node-net", "default");
    const figures = `bytes of each of ${CONNECTIONS} idle connections: reactor/epoll ${reactor}, node-net ${net}`;
    process.stdout.write(`${figures}\n`);
    expect(reactor / net, figures).toBeLessThan(0.5);
  },
);
