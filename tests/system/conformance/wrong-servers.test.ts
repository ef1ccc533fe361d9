/** The suite can fail: a server that is wrong in one way is caught by the case that is there for it. */
import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../../harness/conformance/cases.ts";
import { runCase, runConformance } from "../../../harness/conformance/suite.ts";
import type { Protocol } from "../../../harness/contract.ts";
import * as http from "./wrong-http.ts";
import * as tcp from "./wrong-tcp.ts";
import * as webSocket from "./wrong-websocket.ts";

/** Long enough for any answer that comes at all, short because some of these servers never answer. */
const CASE_TIMEOUT_MS = 2000;

type Wrong = [server: string, start: () => Server, caughtBy: string, reason: RegExp];

const WRONG_TCP: Wrong[] = [
  ["flips one bit", tcp.flipsOneBit, "echoes 64 bytes", /Expected byte 63 .* to be 0x/u],
  [
    "drops the last byte",
    tcp.dropsTheLastByte,
    "echoes 64 bytes",
    /Expected 64 bytes of the echo, but 63 came/u,
  ],
  ["answers twice", tcp.answersTwice, "echoes 64 bytes", /Expected byte 0 of the echo of 16 bytes/u],
  [
    "answers only the first KiB of a segment",
    tcp.answersOnlyTheFirstKibibyteOfASegment,
    "answers many messages of one segment in order",
    /Expected \d+ bytes of the echo/u,
  ],
  [
    "drops segments of one byte",
    tcp.dropsSegmentsOfOneByte,
    "takes a message that arrives byte by byte",
    /Expected 64 bytes of the echo/u,
  ],
  [
    "never answers",
    tcp.neverAnswers,
    "echoes 1 byte",
    /^Not done within 2000 ms\. Expected 1 bytes of the echo, but 0 came/u,
  ],
  [
    "answers on another connection",
    tcp.answersOnAnotherConnection,
    "keeps 20 connections apart",
    /Expected/u,
  ],
  [
    "drops everybody on a reset",
    tcp.dropsEverybodyOnAReset,
    "serves others after a reset in mid-message",
    /the server closed the connection|reset/u,
  ],
  [
    "closes without an answer on FIN",
    tcp.closesWithoutAnAnswerOnFin,
    "answers after the client's FIN, then closes",
    /but 0 came: the server closed the connection/u,
  ],
  [
    "never sends FIN",
    tcp.neverSendsFin,
    "answers after the client's FIN, then closes",
    /Expected the server's FIN after its last answer/u,
  ],
  [
    "stops reading for good",
    tcp.stopsReadingForGood,
    "loses nothing when the client reads late",
    /Expected 1048576 bytes/u,
  ],
  [
    "drops what the kernel does not take",
    tcp.dropsWhatTheKernelDoesNotTake,
    "loses nothing when the client reads late",
    /Expected/u,
  ],
  [
    "drops unsent bytes on FIN",
    tcp.dropsUnsentBytesOnFin,
    "sends all answers after the client's FIN when the client reads late",
    /the server closed the connection|reset/u,
  ],
];

const WRONG_HTTP: Wrong[] = [
  ["refuses POST", http.refusesPost, "echoes 64 bytes", /status of 200 to 299, but 500 came/u],
  [
    "says one byte too many",
    http.saysOneByteTooMany,
    "echoes 64 bytes",
    /Expected 65 bytes of a response body/u,
  ],
  ["says two lengths", http.saysTwoLengths, "echoes 64 bytes", /both Content-Length and Transfer-Encoding/u],
  ["miscounts chunks", http.miscountsChunks, "echoes 64 bytes", /chunk/u],
  ["breaks off the status line", http.breaksOffTheStatusLine, "echoes 64 bytes", /Expected a status line/u],
  ["answers in reverse", http.answersInReverse, "answers many messages of one segment in order", /Expected/u],
  ["answers GET with 404", http.answersGetWith404, "answers GET", /Expected status 200, but 404 came/u],
  [
    "answers every method",
    http.answersEveryMethod,
    "refuses a method it does not have with 4xx or 5xx",
    /Expected a status of 400 to 599, but 200 came/u,
  ],
  ["sends a body for HEAD", http.sendsABodyForHead, "answers HEAD without a body", /Expected a status line/u],
  [
    "closes after every answer",
    http.closesAfterEveryAnswer,
    "keeps the connection for the next request",
    /the server closed the connection/u,
  ],
  [
    "ignores Connection: close",
    http.ignoresConnectionClose,
    "closes after an answer when asked by Connection: close",
    /Expected the server's FIN after Connection: close/u,
  ],
  [
    "ignores chunked bodies",
    http.ignoresChunkedBodies,
    "echoes a chunked body",
    /Expected 75001 bytes .* but 0 came/u,
  ],
  [
    "ignores chunked bodies",
    http.ignoresChunkedBodies,
    "echoes a chunked body that arrives byte by byte",
    /Expected 43 bytes .* but 0 came/u,
  ],
  [
    "holds back 100 Continue",
    http.holdsBackContinue,
    "answers Expect: 100-continue before the body",
    /Expected a response head/u,
  ],
  [
    "takes any request line",
    http.ignoresConnectionClose,
    "refuses a malformed request line with 4xx or 5xx and closes",
    /Expected a status of 400 to 599, but 200 came/u,
  ],
  [
    "keeps an HTTP/1.0 connection",
    http.ignoresConnectionClose,
    "answers an HTTP/1.0 request and closes",
    /Expected the server's FIN after an HTTP\/1.0 request/u,
  ],
];

const WRONG_WEBSOCKET: Wrong[] = [
  ["accepts with a wrong key", webSocket.acceptsWithAWrongKey, "echoes 64 bytes", /Sec-WebSocket-Accept/u],
  ["answers binary as text", webSocket.answersBinaryAsText, "echoes 64 bytes", /but opcode 1 came/u],
  ["masks its frames", webSocket.masksItsFrames, "echoes 64 bytes", /The server masked a frame/u],
  ["sets a reserved bit", webSocket.setsAReservedBit, "echoes 64 bytes", /reserved bits/u],
  ["answers text as binary", webSocket.answersTextAsBinary, "echoes text as text", /but opcode 2 came/u],
  [
    "forgets the payload of pings",
    webSocket.forgetsThePayloadOfPings,
    "answers a ping with its payload",
    /Expected 125 bytes as the payload of the pong, but 0 came/u,
  ],
  [
    "ignores pings",
    webSocket.ignoresPings,
    "joins fragments around a ping",
    /Expected 2 bytes of a frame head/u,
  ],
  [
    "answers every fragment as a message",
    webSocket.answersEveryFragmentAsAMessage,
    "joins fragments around a ping",
    /Expected 70310 bytes as the echo of a fragmented message, but 10 came/u,
  ],
  [
    "drops continuations",
    webSocket.dropsContinuations,
    "joins fragments around a ping",
    /Expected 70310 bytes as the echo of a fragmented message, but 10 came/u,
  ],
  [
    "drops the connection on close",
    webSocket.dropsTheConnectionOnClose,
    "answers a close frame with its code, then closes",
    /the server closed the connection|reset/u,
  ],
  [
    "closes with another code",
    webSocket.closesWithAnotherCode,
    "answers a close frame with its code, then closes",
    /Expected close code 1000, but 1011 came/u,
  ],
  [
    "takes frames without a mask",
    webSocket.carelessEcho,
    "refuses a frame without a mask",
    /a frame with opcode 2 came first/u,
  ],
  [
    "takes reserved opcodes",
    webSocket.carelessEcho,
    "refuses a reserved opcode",
    /a frame with opcode 3 came first/u,
  ],
  [
    "takes bad text",
    webSocket.carelessEcho,
    "refuses text that is not UTF-8",
    /a frame with opcode 1 came first/u,
  ],
];

describe.each([
  ["tcp", WRONG_TCP],
  ["http", WRONG_HTTP],
  ["ws", WRONG_WEBSOCKET],
] as const)("a wrong %s server", (protocol, wrongServers) => {
  test.concurrent.each(wrongServers)("that %s is caught", async (_server, start, caughtBy, reason) => {
    const definition = CONFORMANCE_CASES.find((one) => one.name === caughtBy);
    if (!definition) throw new Error(`There is no case "${caughtBy}".`);
    const result = await withServer(start, protocol, (target) =>
      runCase(definition, target, CASE_TIMEOUT_MS),
    );
    expect(result).toMatchObject({ name: caughtBy, passed: false, reason: expect.stringMatching(reason) });
  });
});

test.each([
  ["tcp", tcp.rightEcho],
  ["http", http.rightEcho],
  ["ws", webSocket.carelessEcho],
] as const)(
  "the short form passes a plain %s echo, so that what the wrong servers share is right",
  async (protocol, start) => {
    const results = await withServer(start, protocol, (target) =>
      runConformance(target, { form: "short", timeoutMs: 20_000 }),
    );
    expect(results.filter((one) => !one.passed)).toEqual([]);
  },
);

test("the probe is one case", async () => {
  const results = await withServer(tcp.rightEcho, "tcp", (target) =>
    runConformance(target, { form: "probe" }),
  );
  expect(results).toEqual([{ name: "echoes 64 bytes", passed: true, reason: null }]);
});

test("a server that is not there fails every case with a sentence", async () => {
  const port = await withServer(tcp.rightEcho, "tcp", async (target) => target.port);
  const results = await runConformance({ host: "127.0.0.1", port, protocol: "tcp" }, { form: "short" });
  expect(results.map((one) => one.reason)).toEqual(
    results.map(
      () => `Could not connect to 127.0.0.1:${port}: the server refused the connection (ECONNREFUSED).`,
    ),
  );
});

test("a case leaves no connection open, even when it fails", async () => {
  const definition = CONFORMANCE_CASES.find((one) => one.name === "keeps 20 connections apart");
  const open = await withServer(tcp.neverAnswers, "tcp", async (target, sockets) => {
    await runCase(definition!, target, 200);
    await Promise.all([...sockets].map((socket) => (socket.readableEnded ? undefined : once(socket, "end"))));
    return [...sockets].filter((socket) => !socket.readableEnded);
  });
  expect(open).toEqual([]);
});

async function withServer<T>(
  start: () => Server,
  protocol: Protocol,
  use: (target: { host: string; port: number; protocol: Protocol }, sockets: Set<Socket>) => Promise<T>,
): Promise<T> {
  const server = start();
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, protocol }, sockets);
  } finally {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}
