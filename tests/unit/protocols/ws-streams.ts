/** Client frames for the tests of the WebSocket codec, and a reader of server frames. */
import { Recorder, run } from "./driver.ts";

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** The example handshake of RFC 6455; `change` rewrites its lines. */
export function handshake(change: (lines: string) => string = (lines) => lines): string {
  const lines =
    "Host: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  return `GET /chat HTTP/1.1\r\n${change(lines)}\r\n`;
}

export interface FrameOptions {
  final?: boolean;
  masked?: boolean;
  reservedBits?: number;
  /** Write the length in this many bytes beyond the first two, however short it is. */
  lengthBytes?: 0 | 2 | 8;
}

/** A client frame, masked with the bytes 0x37 0xfa 0x21 0x3d by default. */
export function frame(opcode: number, payload: Uint8Array | string, options: FrameOptions = {}): Buffer {
  const { final = true, masked = true, reservedBits = 0 } = options;
  const body = Buffer.from(payload as string);
  const shortest = body.length < 126 ? 0 : body.length < 0x10000 ? 2 : 8;
  const lengthBytes = options.lengthBytes ?? shortest;
  const header = Buffer.alloc(2 + lengthBytes);
  header[0] = (final ? 0x80 : 0) | (reservedBits << 4) | opcode;
  header[1] = (masked ? 0x80 : 0) | (lengthBytes === 0 ? body.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(body.length, 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(body.length), 2);
  if (!masked) return Buffer.concat([header, body]);
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  return Buffer.concat([header, Buffer.from(mask), body.map((byte, i) => byte ^ mask[i % 4]!)]);
}

export interface ServerFrame {
  opcode: number;
  payload: Buffer;
}

/** Splits output into frames. Throws unless each is final, unmasked, whole and has its length in the shortest form. */
export function serverFrames(output: Uint8Array): ServerFrame[] {
  const bytes = Buffer.from(output);
  const frames: ServerFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const short = bytes[at + 1]!;
    if ((first & 0xf0) !== 0x80 || short > 127)
      throw new Error(`The server frame at ${at} is not final and unmasked.`);
    let length = short;
    let start = at + 2;
    if (short === 126) {
      length = bytes.readUInt16BE(at + 2);
      start += 2;
    } else if (short === 127) {
      length = Number(bytes.readBigUInt64BE(at + 2));
      start += 8;
    }
    const shortest = length < 126 ? length : length < 0x10000 ? 126 : 127;
    if (short !== shortest || start + length > bytes.length)
      throw new Error(`The frame at ${at} has a wrong length.`);
    frames.push({ opcode: first & 0x0f, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}

/** Feeds a handshake and then chunks; returns the recorder and the frames that were written. */
export function talk(...chunks: Uint8Array[]): { output: Recorder; frames: ServerFrame[] } {
  const output = run("ws", handshake(), ...chunks);
  return { output, frames: serverFrames(output.bytes.subarray(output.writes[0]!.copy.length)) };
}

/** A frame as text: its opcode, and for a close frame its code, else its payload. */
export function show({ opcode, payload }: ServerFrame): string {
  if (opcode !== CLOSE) return `${opcode}:${payload.toString()}`;
  return payload.length === 0 ? "close" : `close ${payload.readUInt16BE(0)}`;
}

/** A close frame's payload. */
export function closing(code: number, reason: Uint8Array | string = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason as string)]);
}
