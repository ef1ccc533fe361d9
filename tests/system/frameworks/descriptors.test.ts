/** A server that keeps the descriptor of a connection that is gone runs out of them, and then answers nobody. */
import { readdirSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { listenersOn } from "../../../harness/machine/proc.ts";
import { startServerProcess } from "../conformance/server-process.ts";
import { frameworks, listenOptions, runnable } from "./listen-options.ts";

const CONNECTIONS = 50;

/** Variants of a framework differ in how they wait, and not in when they close. */
const servers = runnable.filter(
  ({ framework, protocol }, place, all) =>
    protocol !== "udp" && all.findIndex((one) => one.framework === framework) === place,
);

test.each(servers)(
  "$framework.name keeps no descriptor of connections that were reset",
  async ({ framework, variant, protocol }) => {
    const { moduleUrl } = frameworks.find((one) => one.framework === framework)!;
    const server = await startServerProcess(moduleUrl, listenOptions({ variant, protocol }));
    try {
      const openFiles = (): number =>
        listenersOn(server.port).reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
      // What it opens for its first connection it may keep.
      await resetOne(server.port);
      await expect.poll(openFiles).toBeGreaterThan(0);
      const before = openFiles();
      for (let connection = 0; connection < CONNECTIONS; connection++) await resetOne(server.port);
      await expect.poll(openFiles).toBeLessThan(before + CONNECTIONS / 5);
    } finally {
      await server.stop();
    }
  },
);

/** Resolves when it was made and reset, with bytes on their way. */
async function resetOne(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET ");
  await new Promise((resolve) => setTimeout(resolve, 2));
  const closed = once(socket, "close");
  socket.resetAndDestroy();
  await closed;
}
