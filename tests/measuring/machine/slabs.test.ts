/** What connections cost the kernel is a difference of two looks, so the first must not see those that are just going. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { openIdleConnections } from "../../../harness/children/idle-connections/idle-connections.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { settledSlabBytes, slabBytes } from "../../../harness/machine/slabs.ts";
import { startNativeEcho } from "../../../reactor/native-echo.ts";

const CONNECTIONS = 10_000;
const MUCH_LATER_MS = 1000;

test("memory of the kernel has settled when connections that were closed are given back", async () => {
  const server = await startNativeEcho({ multiplexer: "epoll" });
  try {
    const target = { host: "127.0.0.1", port: server.port };
    const none = (await settledSlabBytes()) as number;
    const connections = await openIdleConnections(target, CONNECTIONS, allowedCpus());
    const all = slabBytes() as number;
    await connections.close();
    const settled = (await settledSlabBytes()) as number;
    await delay(MUCH_LATER_MS);
    // Other programs take and give memory as well, but not as much as a tenth of ten thousand connections.
    expect(Math.abs((slabBytes() as number) - settled)).toBeLessThan((all - none) / 10);
  } finally {
    server.close();
  }
});
