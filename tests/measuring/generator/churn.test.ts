/** Churn: connections that live for one message. */
import type { Socket } from "node:net";

import { expect, test } from "vitest";

import { runLoad } from "../../../harness/children/generator/run-load.ts";
import { expectAccounted, expectClean, expectOnly, jobFor, loadAgainst } from "../../fixtures/jobs.ts";
import { messageServer, tcpServer, unusedPort } from "./servers.ts";

const churn = { loop: "churn" } as const;

test.each(["fin", "rst"] as const)("no connection stays open with %s", async (closeMode) => {
  const open = new Set<Socket>();
  const server = await tcpServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.pipe(socket);
  });
  try {
    expectClean(await runLoad(jobFor(server.port, { ...churn, closeMode })));
    // The run is over, so each connection still known here must end by itself; a leaked one would wait for ever.
    // `once` of node:events would reject when one ends with a reset.
    for (const socket of open) await new Promise((resolve) => void socket.once("close", resolve));
    expect(open.size).toBe(0);
  } finally {
    await server.close();
  }
});

test("sources are spread over the loopback network", async () => {
  const sources = new Set<string>();
  const server = tcpServer((socket) => {
    sources.add(socket.remoteAddress ?? "");
    socket.pipe(socket);
  });
  const result = await loadAgainst(server, churn);
  expectClean(result);
  expect(sources.size).toBe(Math.min(result.accounting.sent, 1000));
  for (const source of sources) expect(source).toMatch(/^127\.1\./);
});

test("an operation is made of its stages", async () => {
  const result = await loadAgainst(
    tcpServer((socket) => socket.pipe(socket)),
    churn,
  );
  expectClean(result);
  const { connect, firstByte, close } = result.stages;
  for (const stage of [connect, firstByte, close]) expect(stage?.count).toBe(result.operations);
  const stagesNs = (connect?.meanNs ?? 0) + (firstByte?.meanNs ?? 0) + (close?.meanNs ?? 0);
  expect(stagesNs / (result.latency?.meanNs ?? 0)).toBeCloseTo(1, 1);
});

test("a failed connection is counted and the slot goes on", async () => {
  let accepted = 0;
  const server = tcpServer((socket) => {
    if (accepted++ % 10 === 3) socket.end();
    else socket.pipe(socket);
  });
  const result = await loadAgainst(server, { ...churn, durationSeconds: 0.3 });
  expectAccounted(result);
  expect(result.accounting.errors.closedEarly + result.accounting.errors.reset).toBeGreaterThan(1);
  expect(result.accounting.ok).toBeGreaterThan(result.accounting.errors.closedEarly);
});

test("a thousand errors in a row end the run", async () => {
  const result = await runLoad(
    jobFor(await unusedPort(), { ...churn, connections: 200, durationSeconds: 600 }),
  );
  expectOnly(result, "refused", /ECONNREFUSED/);
  expect(result.accounting.errors.refused).toBe(1000);
  expect(result.windowSeconds).toBeLessThan(600);
});

test("a server that never answers times out, and the run ends", async () => {
  const result = await loadAgainst(
    tcpServer((socket) => socket.resume()),
    { ...churn, timeoutSeconds: 0.2 },
  );
  expectOnly(result, "timedOut", /timed out after 200 ms waiting for the answer/);
  expect(result.accounting.inFlight).toBe(0);
});

test("a server that never closes times out", async () => {
  const server = messageServer(64, (socket, message) => {
    socket.allowHalfOpen = true;
    socket.write(message);
  });
  const result = await loadAgainst(server, { ...churn, timeoutSeconds: 0.2 });
  expectOnly(result, "timedOut", /timed out after 200 ms waiting for the server to close/);
});

test("bytes after the answer are corrupt", async () => {
  const server = messageServer(64, (socket, message) =>
    socket.write(Buffer.concat([message, Buffer.from("!")])),
  );
  expectOnly(
    await loadAgainst(server, churn),
    "corrupt",
    /1 bytes arrived though every request had been answered/,
  );
});

test("a wrong byte is corrupt", async () => {
  const server = messageServer(64, (socket, message) => {
    message[17] = (message[17] ?? 0) ^ 1;
    socket.write(message);
  });
  expectOnly(await loadAgainst(server, churn), "corrupt", /bit 0 of byte 17 of 64 is flipped/);
});

test("a reset instead of an answer is a reset", async () => {
  const server = messageServer(64, (socket) => socket.resetAndDestroy());
  expectOnly(await loadAgainst(server, churn), "reset", /ECONNRESET/);
});
