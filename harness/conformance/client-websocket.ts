/** The WebSocket side of the conformance client (RFC 6455): opening handshake, masked frames out, strict frames in. */
import { createHash, randomBytes } from "node:crypto";
import type { Connection } from "./client-connection.ts";
import { encodeHead, readResponse } from "./client-http.ts";

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  final: boolean;
  opcode: number;
  payload: Buffer;
}

export interface Message {
  opcode: number;
  payload: Buffer;
}

/** Upgrades the connection and checks the server's answer; `send` may send the request in an unusual way. */
export async function openWebSocket(
  connection: Connection,
  send: (request: Buffer) => void | Promise<void> = (request) => connection.send(request),
): Promise<void> {
  const key = randomBytes(16).toString("base64");
  const fields = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ];
  await send(encodeHead("GET", fields));
  const response = await readResponse(connection);
  if (response.status !== 101) {
    throw new Error(
      `Expected the opening handshake to be answered by status 101, but ${response.status} came.`,
    );
  }
  const expected = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const accept = response.fields.get("sec-websocket-accept");
  if (accept !== expected) {
    throw new Error(`Expected Sec-WebSocket-Accept to be "${expected}", but "${accept ?? "nothing"}" came.`);
  }
  if (response.fields.has("sec-websocket-extensions")) {
    throw new Error("The server chose a WebSocket extension that was not offered.");
  }
}

/** One masked frame. */
export function encodeFrame(opcode: number, payload: Uint8Array, final = true): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let index = 0; index < masked.length; index++) {
    masked[index] = (masked[index] as number) ^ (mask[index & 3] as number);
  }
  return Buffer.concat([encodeFrameHead(opcode, payload.length, final, true), mask, masked]);
}

/** A frame without a mask, which a client must never send. */
export function encodeUnmaskedFrame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([encodeFrameHead(opcode, payload.length, true, false), payload]);
}

function encodeFrameHead(opcode: number, lengthBytes: number, final: boolean, masked: boolean): Buffer {
  const first = (final ? 0x80 : 0) | opcode;
  const maskBit = masked ? 0x80 : 0;
  if (lengthBytes < 126) return Buffer.from([first, maskBit | lengthBytes]);
  if (lengthBytes < 65_536) {
    const head = Buffer.from([first, maskBit | 126, 0, 0]);
    head.writeUInt16BE(lengthBytes, 2);
    return head;
  }
  const head = Buffer.from([first, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(lengthBytes), 2);
  return head;
}

/** Reads one frame and refuses what a server must not send. */
export async function readFrame(connection: Connection): Promise<Frame> {
  const head = await connection.read(2, "a frame head");
  const first = head.readUInt8(0);
  const second = head.readUInt8(1);
  if ((first & 0x70) !== 0) throw new Error("A frame has reserved bits set.");
  if ((second & 0x80) !== 0) throw new Error("The server masked a frame, which only a client may do.");
  const lengthBytes = await readLength(connection, second & 0x7f);
  const opcode = first & 0x0f;
  if (opcode >= 8 && (lengthBytes > 125 || (first & 0x80) === 0)) {
    throw new Error("A control frame is longer than 125 bytes or fragmented.");
  }
  return {
    final: (first & 0x80) !== 0,
    opcode,
    payload: await connection.read(lengthBytes, "a frame payload"),
  };
}

async function readLength(connection: Connection, short: number): Promise<number> {
  if (short < 126) return short;
  const field = await connection.read(short === 126 ? 2 : 8, "a frame length");
  const lengthBytes = short === 126 ? field.readUInt16BE() : Number(field.readBigUInt64BE());
  if (lengthBytes < (short === 126 ? 126 : 65_536))
    throw new Error("A frame length is not in its shortest form.");
  return lengthBytes;
}

/** Reads the frames of one data message; `onControl` gets the control frames between them, and may throw. */
export async function readMessage(
  connection: Connection,
  onControl: (frame: Frame) => void,
): Promise<Message> {
  const parts: Buffer[] = [];
  let opcode: number | null = null;
  for (;;) {
    const frame = await readFrame(connection);
    if (frame.opcode >= 8) {
      onControl(frame);
      continue;
    }
    if ((frame.opcode === OPCODE.continuation) !== (opcode !== null)) {
      throw new Error("A message's first frame is a continuation, or a later one is not.");
    }
    opcode ??= frame.opcode;
    parts.push(frame.payload);
    if (frame.final) return { opcode, payload: Buffer.concat(parts) };
  }
}
