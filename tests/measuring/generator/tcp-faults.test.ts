/** Servers that break an echo in one way each, and the error class that must come of it. */
import { expect, test } from "vitest";

import { runLoad } from "../../../harness/children/generator/run-load.ts";
import { decodeHistogram } from "../../../harness/results/histogram.ts";
import { expectAccounted, expectOnly, jobFor, loadAgainst } from "../../fixtures/jobs.ts";
import { messageServer, tcpServer, unusedPort } from "./servers.ts";

const SIZE = 64;
/** As long as it takes until the fault is found, which ends the load. */
const UNTIL_FOUND = { durationSeconds: 20 };

/** Echoes all messages but number 5 of each connection, which is left to `fault`. */
function faultyServer(fault: (message: Buffer) => Buffer | null): ReturnType<typeof messageServer> {
  return messageServer(SIZE, (socket, message, number) => {
    const answer = number === 5 ? fault(message) : message;
    if (answer !== null) socket.write(answer);
  });
}

test("a flipped bit is corrupt, and is named", async () => {
  const server = faultyServer((message) => {
    message[20] = (message[20] ?? 0) ^ 4;
    return message;
  });
  expectOnly(
    await loadAgainst(server, UNTIL_FOUND),
    "corrupt",
    /message 5: bit 2 of byte 20 of 64 is flipped/,
  );
});

test("a flipped bit in a message too short for a header is corrupt", async () => {
  const server = messageServer(1, (socket, message, number) => {
    if (number === 5) message[0] = (message[0] ?? 0) ^ 128;
    socket.write(message);
  });
  expectOnly(
    await loadAgainst(server, { payloadBytes: 1, ...UNTIL_FOUND }),
    "corrupt",
    /bit 7 of byte 0 of 1 is flipped/,
  );
});

test("two pieces of one large message that change places are corrupt", async () => {
  const payloadBytes = 200_000;
  const server = messageServer(payloadBytes, (socket, message, number) => {
    const piece = 65_536;
    const swapped = [
      message.subarray(0, 16),
      message.subarray(16 + piece, 16 + 2 * piece),
      message.subarray(16, 16 + piece),
    ];
    socket.write(number === 2 ? Buffer.concat([...swapped, message.subarray(16 + 2 * piece)]) : message);
  });
  expectOnly(await loadAgainst(server, { payloadBytes, ...UNTIL_FOUND }), "corrupt", /byte 16 of 200000/);
});

test("bytes of another connection are corrupt, and the other is named", async () => {
  let waiting: { write(data: Buffer): unknown; message: Buffer } | null = null;
  const server = messageServer(SIZE, (socket, message) => {
    if (waiting === null) {
      waiting = { write: (data) => socket.write(data), message };
      return;
    }
    socket.write(waiting.message);
    waiting.write(message);
    waiting = null;
  });
  const result = await loadAgainst(server, { connections: 2 });
  expectOnly(result, "corrupt", /these are the bytes of connection [01], message 0/);
});

test("a dropped message times out when nothing follows it", async () => {
  const result = await loadAgainst(
    faultyServer(() => null),
    { timeoutSeconds: 1, durationSeconds: 5 },
  );
  expectOnly(result, "timedOut", /message 5: no answer within 1000 ms/);
});

test("a dropped message is corrupt when the next one arrives in its place", async () => {
  const result = await loadAgainst(
    faultyServer(() => null),
    { pipeline: 4, ...UNTIL_FOUND },
  );
  expectOnly(result, "corrupt", /message 5: message 6 arrived in its place/);
});

test("a message that arrives twice is corrupt", async () => {
  const server = faultyServer((message) => Buffer.concat([message, message]));
  expectOnly(
    await loadAgainst(server, UNTIL_FOUND),
    "corrupt",
    /arrived again|though every request had been answered/,
  );
});

test("a message that arrives twice behind others is named", async () => {
  const server = faultyServer((message) => Buffer.concat([message, message]));
  expectOnly(
    await loadAgainst(server, { pipeline: 8, ...UNTIL_FOUND }),
    "corrupt",
    /message 6: message 5 arrived again/,
  );
});

test("a server that speaks before it is asked is corrupt", async () => {
  // It leaves the connection open, because the RST of one that is closed with requests unread may overtake the greeting.
  const server = tcpServer((socket) => void socket.write("220 welcome\r\n"));
  const result = await loadAgainst(server);
  expectAccounted(result);
  expect(result.accounting.errors.corrupt).toBeGreaterThan(0);
  expect(result.accounting.ok).toBe(0);
});

test("a connection that the server ends between answers is closed early", async () => {
  const server = messageServer(SIZE, (socket, message, number) => {
    if (number === 5) socket.end();
    else socket.write(message);
  });
  expectOnly(
    await loadAgainst(server, UNTIL_FOUND),
    "closedEarly",
    /message 5: the server closed the connection/,
  );
});

test("an answer that ends before its last byte is short", async () => {
  const server = messageServer(SIZE, (socket, message, number) => {
    if (number === 5) socket.end(message.subarray(0, 40));
    else socket.write(message);
  });
  expectOnly(
    await loadAgainst(server, UNTIL_FOUND),
    "short",
    /message 5: the server closed the connection after 40 of 64 bytes/,
  );
});

test("a reset is a reset", async () => {
  const server = messageServer(SIZE, (socket, message, number) => {
    if (number === 5) socket.resetAndDestroy();
    else socket.write(message);
  });
  expectOnly(
    await loadAgainst(server, UNTIL_FOUND),
    "reset",
    /message 5: receiving from 127\.0\.0\.1:\d+: ECONNRESET/,
  );
});

test("a port where nothing listens is refused, and the address is named", async () => {
  const port = await unusedPort();
  const result = await runLoad(jobFor(port));
  expectOnly(result, "refused", new RegExp(`connecting to 127.0.0.1:${port}: ECONNREFUSED`));
  expect(result).toMatchObject({ windowSeconds: 0, operations: 0, latency: null, meanInFlight: null });
});

test("a server that never answers times out in the closed loop", async () => {
  const server = tcpServer((socket) => socket.resume());
  expectOnly(
    await loadAgainst(server, { timeoutSeconds: 0.2, durationSeconds: 5 }),
    "timedOut",
    /no answer within 200 ms/,
  );
});

test("requests that time out enter the open loop's histogram at the timeout", async () => {
  const server = tcpServer((socket) => socket.resume());
  const result = await loadAgainst(server, { loop: "open", timeoutSeconds: 0.2, durationSeconds: 0.1 });
  expectOnly(result, "timedOut", /no answer within 200 ms/);
  expect(result.accounting.errors.timedOut).toBe(result.accounting.sent);
  expect(result.latency?.count).toBe(result.scheduled);
  const histogram = decodeHistogram(result.latency?.histogram ?? "");
  expect(histogram.getValueAtPercentile(0)).toBeGreaterThan(199e6);
  expect(histogram.getValueAtPercentile(100)).toBeLessThan(201e6);
  expect(result.latency?.meanNs).toBe(200e6);
});

test("a failure stops the run long before its end", async () => {
  const result = await loadAgainst(
    faultyServer(() => Buffer.alloc(SIZE)),
    { durationSeconds: 600 },
  );
  expectOnly(result, "corrupt", /message 5/);
  expect(result.windowSeconds).toBeLessThan(600);
});
