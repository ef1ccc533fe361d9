/** The echo itself: sizes, how the bytes arrive, many messages, many connections. */
import { STREAM_PROTOCOLS } from "../contract.ts";
import type { ConformanceCaseDefinition, ConformanceForm } from "./case.ts";
import { exchange, openEcho, requireEcho, type EchoClient } from "./client-echo.ts";
import { patternOf } from "./payload.ts";

const KIB = 1024;
/** The sizes where WebSocket frame lengths and usual buffer sizes change, and plain ones between. */
const SIZES_BYTES = [1, 2, 64, 125, 126, 127, KIB, 65_535, 65_536, KIB * KIB];
const SHORT_SIZES_BYTES = [1, 65_536];
const PROBE_SIZE_BYTES = 64;
const MESSAGES_IN_ONE_SEGMENT = 100;
/** Many servers limit how many requests may wait on a connection. */
const REQUESTS_IN_ONE_SEGMENT = 32;
const BYTE_BY_BYTE_PAYLOAD_BYTES = 64;
const ROUNDS_PER_CONNECTION = 3;

const sizes = SIZES_BYTES.map((lengthBytes): ConformanceCaseDefinition => ({
  name: `echoes ${lengthBytes} ${lengthBytes === 1 ? "byte" : "bytes"}`,
  protocols: STREAM_PROTOCOLS,
  form: formOfSize(lengthBytes),
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    await exchange(client, patternOf(lengthBytes, lengthBytes));
    // A second message shows that the first was answered once and whole: any byte too many would come first.
    await exchange(client, patternOf(lengthBytes + 1, 16));
  },
}));

function formOfSize(lengthBytes: number): ConformanceForm {
  if (lengthBytes === PROBE_SIZE_BYTES) return "probe";
  return SHORT_SIZES_BYTES.includes(lengthBytes) ? "short" : "full";
}

const empty: ConformanceCaseDefinition = {
  name: "echoes an empty message",
  protocols: ["http", "ws"],
  form: "full",
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    await exchange(client, Buffer.alloc(0));
    await exchange(client, patternOf(1, 16));
  },
};

const byteByByte: ConformanceCaseDefinition = {
  name: "takes a message that arrives byte by byte",
  protocols: STREAM_PROTOCOLS,
  form: "short",
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    const payload = patternOf(7, BYTE_BY_BYTE_PAYLOAD_BYTES);
    const bytes = client.encode(payload);
    // A request line in pieces is a case of its own: uWebSockets.js of some versions refuses it, yet echoes well.
    const requestLineBytes = target.protocol === "http" ? bytes.indexOf("\r\n") + 2 : 0;
    client.connection.send(bytes.subarray(0, requestLineBytes));
    await client.connection.sendByteByByte(bytes.subarray(requestLineBytes));
    await requireEcho(client, payload);
  },
};

const oneSegment: ConformanceCaseDefinition = {
  name: "answers many messages of one segment in order",
  protocols: STREAM_PROTOCOLS,
  form: "short",
  run: async (target, signal) => {
    const client = await openEcho(target, signal);
    const payloads = Array.from(
      { length: target.protocol === "http" ? REQUESTS_IN_ONE_SEGMENT : MESSAGES_IN_ONE_SEGMENT },
      (_, index) => patternOf(index, 1 + ((index * 7) % 150)),
    );
    client.connection.send(Buffer.concat(payloads.map((payload) => client.encode(payload))));
    for (const payload of payloads) await requireEcho(client, payload);
    await exchange(client, patternOf(1000, 16));
  },
};

const connectionCounts: readonly { connections: number; form: ConformanceForm }[] = [
  { connections: 20, form: "short" },
  { connections: 200, form: "full" },
];
const manyConnections = connectionCounts.map(({ connections, form }): ConformanceCaseDefinition => ({
  name: `keeps ${connections} connections apart`,
  protocols: STREAM_PROTOCOLS,
  form,
  run: async (target, signal) => {
    const clients = await Promise.all(Array.from({ length: connections }, () => openEcho(target, signal)));
    for (let round = 0; round < ROUNDS_PER_CONNECTION; round++) {
      await exchangeInHalves(clients, round);
    }
  },
}));

/** Every client sends half a message before any sends the rest, so that all messages are open at once. */
async function exchangeInHalves(clients: readonly EchoClient[], round: number): Promise<void> {
  const requests = clients.map((client, index) => {
    const payload = patternOf(round * clients.length + index, 32 + index);
    const bytes = client.encode(payload);
    return { client, payload, bytes, half: bytes.length >> 1 };
  });
  for (const { client, bytes, half } of requests) client.connection.send(bytes.subarray(0, half));
  for (const { client, bytes, half } of requests) client.connection.send(bytes.subarray(half));
  await Promise.all(requests.map(({ client, payload }) => requireEcho(client, payload)));
}

export const ECHO_CASES: readonly ConformanceCaseDefinition[] = [
  ...sizes,
  empty,
  byteByByte,
  oneSegment,
  ...manyConnections,
];
