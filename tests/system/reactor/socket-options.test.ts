/** Options of sockets, as the kernel has them, and what it says of a connection. */
import { readFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { connect, listen, type Socket } from "../../../reactor/index.ts";
import { connected, exchange, withServer } from "./clients.ts";
import { runnableNames } from "./kinds.ts";

const ECHO = { data: (socket: Socket, chunk: Buffer): void => void socket.write(chunk) };
/** In /proc/net/tcp: no timer, and one that is no retransmission. */
const NONE = "00";
const KEEP_ALIVE = "02";

/** The timer that an established connection has on this port of the server's. */
function timerOf(port: number): string | undefined {
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1);
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const columns = rows
    .map((row) => row.trim().split(/\s+/))
    .find((all) => all[1]?.endsWith(local) && all[3] === "01");
  return columns?.[5]?.split(":")[0];
}

describe.each(runnableNames)("%s", (multiplexer) => {
  test.each([
    [0, NONE],
    [60_000, KEEP_ALIVE],
  ])("keepAliveMs of %i gives accepted connections the timer %s", async (keepAliveMs, timer) => {
    await withServer({ multiplexer, keepAliveMs, socket: ECHO }, async (server, dial) => {
      await exchange(await dial(), "hello");
      await expect.poll(() => timerOf(server.port)).toBe(timer);
    });
  });

  test("setKeepAlive changes it for one connection", async () => {
    const accepted = Promise.withResolvers<Socket>();
    const socket = { ...ECHO, open: accepted.resolve };
    await withServer({ multiplexer, socket }, async (server, dial) => {
      await exchange(await dial(), "hello");
      (await accepted.promise).setKeepAlive(60_000);
      await expect.poll(() => timerOf(server.port)).toBe(KEEP_ALIVE);
    });
  });

  test("an address of all IPv6 takes IPv4 connections, too, unless ipv6Only", async () => {
    await withServer({ multiplexer, host: "::", socket: ECHO }, async (server) => {
      const client = await connected(server.port);
      expect(await exchange(client, "by IPv4")).toBe("by IPv4");
      client.destroy();
    });
    await withServer({ multiplexer, host: "::", ipv6Only: true, socket: ECHO }, async (server) => {
      // At an address of its own, because others may listen on the same port of 127.0.0.1.
      const refused = once(connectPlain(server.port, "127.77.0.4"), "connect");
      await expect(refused).rejects.toMatchObject({ code: "ECONNREFUSED" });
      const client = connectPlain(server.port, "::1");
      await once(client, "connect");
      expect(await exchange(client, "by IPv6")).toBe("by IPv6");
      client.destroy();
    });
  });

  test("tcpInfo says what the kernel measured, and nothing of a connection that is over or has none", async () => {
    const server = await listen({ multiplexer, socket: ECHO });
    const answered = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const client = await connect({
      ...{ multiplexer, port: server.port },
      socket: { data: () => answered.resolve(), close: () => closed.resolve() },
    });
    client.write("hello");
    await answered.promise;
    const info = client.tcpInfo();
    expect(info?.rttUs).toBeGreaterThan(0);
    expect(info).toMatchObject({ retransmits: 0, lostSegments: 0 });
    client.end();
    await closed.promise;
    expect(client.tcpInfo()).toBeNull();
    await server.close();
  });
});

test("a Unix socket has no tcpInfo", async () => {
  const path = `\0readymark-info-${process.pid}`;
  const server = await listen({ path, socket: ECHO });
  const client = await connect({ path, socket: {} });
  expect(client.tcpInfo()).toBeNull();
  client.close();
  await server.close();
});
