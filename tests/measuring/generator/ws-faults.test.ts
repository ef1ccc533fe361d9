/** WebSocket servers that are unusual but right, and servers that are wrong. */
import { expect, test } from "vitest";

import { expectClean, expectOnly, loadAgainst } from "../../fixtures/jobs.ts";
import { httpServer, rawWsServer, serverFrame, wsServer } from "./servers.ts";

const protocol = "ws";
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

test("fragmented answers are accepted, empty fragments too", async () => {
  const server = rawWsServer((socket, { payload }) => {
    socket.write(serverFrame(BINARY, payload.subarray(0, 10), false));
    socket.write(serverFrame(CONTINUATION, Buffer.alloc(0), false));
    socket.write(serverFrame(CONTINUATION, payload.subarray(10)));
  });
  expectClean(await loadAgainst(server, { protocol, pipeline: 2 }));
});

test("answers cut at every byte are accepted", async () => {
  const server = rawWsServer((socket, { payload }) => {
    for (const byte of serverFrame(BINARY, payload)) socket.write(Buffer.from([byte]));
  });
  expectClean(await loadAgainst(server, { protocol, payloadBytes: 200 }));
});

test("a ping inside a message is answered with its own payload", async () => {
  const pongs = new Set<string>();
  const server = rawWsServer((socket, { opcode, payload }) => {
    if (opcode === PONG) {
      pongs.add(payload.toString());
      return;
    }
    socket.write(serverFrame(BINARY, payload.subarray(0, 10), false));
    socket.write(serverFrame(PING, Buffer.from("are you there?")));
    socket.write(serverFrame(CONTINUATION, payload.subarray(10)));
  });
  expectClean(await loadAgainst(server, { protocol }));
  expect([...pongs]).toEqual(["are you there?"]);
});

test("pings between large messages do not break into them", async () => {
  const server = wsServer((socket) =>
    socket.on("message", (data, binary) => {
      socket.ping("now");
      socket.send(data, { binary });
    }),
  );
  expectClean(
    await loadAgainst(server, { protocol, payloadBytes: 1_000_000, pipeline: 2, durationSeconds: 0.3 }),
  );
});

test("every request has a mask of its own", async () => {
  const masks: string[] = [];
  const server = rawWsServer((socket, { mask, payload }) => {
    masks.push(mask.toString("hex"));
    socket.write(serverFrame(BINARY, payload));
  });
  expectClean(await loadAgainst(server, { protocol }));
  // Four random bytes repeat among n masks about n * n / 2 ** 33 times.
  expect(new Set(masks).size).toBeGreaterThan(masks.length * 0.99);
});

test("a wrong Sec-WebSocket-Accept is malformed", async () => {
  const server = rawWsServer(
    () => undefined,
    () => "c29tZXRoaW5nIGVsc2U=",
  );
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /Sec-WebSocket-Accept is wrong/);
});

test("a server that does not upgrade is malformed", async () => {
  const server = httpServer((_request, response) => response.writeHead(404).end());
  expectOnly(
    await loadAgainst(server, { protocol }),
    "malformed",
    /handshake was answered 'HTTP\/1\.1 404 Not Found'/,
  );
});

test("a handshake that is never answered times out", async () => {
  const server = httpServer(() => undefined);
  expectOnly(
    await loadAgainst(server, { protocol, timeoutSeconds: 0.2 }),
    "timedOut",
    /handshake was not answered/,
  );
});

test("a masked answer is malformed", async () => {
  const server = rawWsServer((socket, { payload }) => {
    const frame = serverFrame(BINARY, payload);
    socket.write(
      Buffer.concat([Buffer.from([frame.readUInt8(0), frame.readUInt8(1) | 0x80, 0, 0, 0, 0]), payload]),
    );
  });
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /the server masked a frame/);
});

test("a text answer to a binary message is malformed", async () => {
  const server = rawWsServer((socket, { payload }) => socket.write(serverFrame(TEXT, payload)));
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /opcode 1, expected binary/);
});

test("reserved bits are malformed", async () => {
  const server = rawWsServer((socket, { payload }) => socket.write(serverFrame(BINARY | 0x40, payload)));
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /reserved bits/);
});

test("a close frame is closed early, with its code", async () => {
  const server = rawWsServer((socket) => socket.write(serverFrame(CLOSE, Buffer.from([3, 233]))));
  expectOnly(await loadAgainst(server, { protocol }), "closedEarly", /close frame \(code 1001\)/);
});

test("a message that ends too soon is short", async () => {
  const server = rawWsServer((socket, { payload }) =>
    socket.write(serverFrame(BINARY, payload.subarray(0, 63))),
  );
  expectOnly(await loadAgainst(server, { protocol }), "short", /the answer has 63 of 64 bytes/);
});

test("a message that goes on too long is corrupt", async () => {
  const server = rawWsServer((socket, { payload }) =>
    socket.write(serverFrame(BINARY, Buffer.concat([payload, Buffer.from("!")]))),
  );
  expectOnly(await loadAgainst(server, { protocol }), "corrupt", /longer than the 64 bytes/);
});

test("a wrong byte is corrupt", async () => {
  const server = rawWsServer((socket, { payload }, number) => {
    if (number === 3) payload[30] = (payload[30] ?? 0) ^ 16;
    socket.write(serverFrame(BINARY, payload));
  });
  expectOnly(
    await loadAgainst(server, { protocol, durationSeconds: 20 }),
    "corrupt",
    /message 3: bit 4 of byte 30 of 64 is flipped/,
  );
});

test("an answer to no request is corrupt", async () => {
  const server = rawWsServer((socket, { payload }) => {
    const frame = serverFrame(BINARY, payload);
    socket.write(Buffer.concat([frame, frame]));
  });
  expectOnly(
    await loadAgainst(server, { protocol }),
    "corrupt",
    /though every request had been answered|arrived again/,
  );
});
