/** One echo connection whatever the protocol: how a payload is asked for, and how its answer is read. */
import type { ConformanceTarget } from "./case.ts";
import { Connection } from "./client-connection.ts";
import { encodeRequest, readResponse } from "./client-http.ts";
import { encodeFrame, OPCODE, openWebSocket, readMessage, type Frame } from "./client-websocket.ts";
import { requireEqual } from "./payload.ts";

export interface EchoClient {
  connection: Connection;
  /** The bytes that ask for an echo of `payload`. */
  encode(payload: Uint8Array): Buffer;
  /** Reads the next echo, which should have `lengthBytes` bytes. */
  receive(lengthBytes: number): Promise<Buffer>;
}

/** Connects, with the opening handshake when the protocol has one. */
export async function openEcho(target: ConformanceTarget, signal: AbortSignal): Promise<EchoClient> {
  const connection = await Connection.open(target, signal);
  if (target.protocol === "tcp") {
    return {
      connection,
      encode: (payload) => Buffer.from(payload),
      receive: (lengthBytes) => connection.read(lengthBytes, "the echo"),
    };
  }
  if (target.protocol === "http") {
    return {
      connection,
      encode: (payload) => encodeRequest("POST", payload),
      receive: () => receiveBody(connection),
    };
  }
  await openWebSocket(connection);
  return {
    connection,
    encode: (payload) => encodeFrame(OPCODE.binary, payload),
    receive: () => receiveBinary(connection),
  };
}

/** Sends one payload and requires its echo. */
export async function exchange(client: EchoClient, payload: Buffer): Promise<void> {
  client.connection.send(client.encode(payload));
  await requireEcho(client, payload);
}

export async function requireEcho(client: EchoClient, payload: Buffer): Promise<void> {
  requireEqual(await client.receive(payload.length), payload, `the echo of ${payload.length} bytes`);
}

async function receiveBody(connection: Connection): Promise<Buffer> {
  const response = await readResponse(connection);
  if (response.status < 200 || response.status > 299) {
    throw new Error(`Expected a POST to be answered by a status of 200 to 299, but ${response.status} came.`);
  }
  return response.body;
}

async function receiveBinary(connection: Connection): Promise<Buffer> {
  const message = await readMessage(connection, refuseClose);
  if (message.opcode !== OPCODE.binary) {
    throw new Error(`Expected a binary message as the echo of one, but opcode ${message.opcode} came.`);
  }
  return message.payload;
}

/** A server may ping at any time, but it must not close while an echo is due. */
export function refuseClose(frame: Frame): void {
  if (frame.opcode !== OPCODE.close) return;
  const code = frame.payload.length >= 2 ? frame.payload.readUInt16BE() : "none";
  throw new Error(`Expected a message, but a close frame came (code ${code}).`);
}
