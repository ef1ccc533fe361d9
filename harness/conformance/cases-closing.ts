/** The end of connections: resets that must not affect other connections, half-close, and clients that read late. */
import { STREAM_PROTOCOLS, type Protocol } from "../contract.ts";
import type { ConformanceCaseDefinition } from "./case.ts";
import { exchange, openEcho, requireEcho } from "./client-echo.ts";
import { OPCODE } from "./client-websocket.ts";
import type { EchoClient } from "./client-echo.ts";
import { patternOf } from "./payload.ts";

const RESETS = 5;
const LARGE_PIECE_BYTES = 1024 * 1024;
/** More than the kernel's buffers hold on the way, so that a server must keep answers or stop reading. */
const LARGE_PIECES = 12;

// Not in the short form: the shortest correct-looking server, `socket.pipe(socket)`, dies of a reset, yet it echoes.
const resetInMessage: ConformanceCaseDefinition = {
  name: "serves others after a reset in mid-message",
  protocols: STREAM_PROTOCOLS,
  form: "full",
  run: async (target, signal) => {
    const other = await openEcho(target, signal);
    for (let index = 0; index < RESETS; index++) {
      const client = await openEcho(target, signal);
      const request = client.encode(patternOf(index, 65_536));
      client.connection.send(request.subarray(0, request.length >> 1));
      await client.connection.reset();
      await exchange(other, patternOf(100 + index, 64));
    }
    await exchange(await openEcho(target, signal), patternOf(200, 64));
  },
};

const resetWithUnreadAnswers: ConformanceCaseDefinition = {
  name: "serves others after a reset with unread answers",
  protocols: STREAM_PROTOCOLS,
  form: "full",
  run: async (target, signal) => {
    const other = await openEcho(target, signal);
    const client = await openEcho(target, signal);
    client.connection.pauseReading();
    sendLarge(client, target.protocol);
    await client.connection.sendingStalls();
    await client.connection.reset();
    await exchange(other, patternOf(100, 64));
    await exchange(await openEcho(target, signal), patternOf(200, 64));
  },
};

const lateReader: ConformanceCaseDefinition = {
  name: "loses nothing when the client reads late",
  protocols: STREAM_PROTOCOLS,
  form: "full",
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    client.connection.pauseReading();
    const payloads = sendLarge(client, target.protocol);
    await client.connection.sendingStalls();
    client.connection.resumeReading();
    for (const payload of payloads) await requireEcho(client, payload);
    await exchange(client, patternOf(1, 16));
  },
};

const halfClose: ConformanceCaseDefinition = {
  name: "answers after the client's FIN, then closes",
  protocols: STREAM_PROTOCOLS,
  form: "full",
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    const payload = patternOf(1, 1024);
    client.connection.send(client.encode(payload));
    client.connection.sendFin();
    await requireEcho(client, payload);
    await requireFin(client, target.protocol === "ws");
  },
};

const halfCloseUnread: ConformanceCaseDefinition = {
  name: "sends all answers after the client's FIN when the client reads late",
  protocols: STREAM_PROTOCOLS,
  form: "full",
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    client.connection.pauseReading();
    const payloads = sendLarge(client, target.protocol);
    client.connection.sendFin();
    await client.connection.sendingStalls();
    client.connection.resumeReading();
    for (const payload of payloads) await requireEcho(client, payload);
    await requireFin(client, target.protocol === "ws");
  },
};

interface LargeRequests {
  payloads: Buffer[];
  encoded: Buffer[];
}

const largeRequests = new Map<Protocol, LargeRequests>();

/** Sends more than the buffers hold and returns the payloads. Making the requests takes longer than their echo, so once. */
function sendLarge(client: EchoClient, protocol: Protocol): readonly Buffer[] {
  let large = largeRequests.get(protocol);
  if (large === undefined) {
    const payloads = Array.from({ length: LARGE_PIECES }, (_, index) => patternOf(index, LARGE_PIECE_BYTES));
    large = { payloads, encoded: payloads.map((payload) => client.encode(payload)) };
    largeRequests.set(protocol, large);
  }
  for (const request of large.encoded) client.connection.send(request);
  return large.payloads;
}

/** A WebSocket server may say goodbye with a close frame before its FIN; nothing else may follow the last answer. */
async function requireFin({ connection }: EchoClient, mayCloseFirst: boolean): Promise<void> {
  const rest = await connection.readToFin("the server's FIN after its last answer");
  if (rest.length === 0) return;
  if (mayCloseFirst && (rest.readUInt8(0) & 0x0f) === OPCODE.close && rest.length === 2 + (rest[1] ?? 0))
    return;
  throw new Error(`Expected the server's FIN after its last answer, but ${rest.length} more bytes came.`);
}

export const CLOSING_CASES: readonly ConformanceCaseDefinition[] = [
  resetInMessage,
  resetWithUnreadAnswers,
  lateReader,
  halfClose,
  halfCloseUnread,
];
