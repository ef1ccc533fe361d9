/** WebSocket frames (RFC 6455, 5.2): reading and checking the headers of client frames, writing those of a server. */

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** The longest header of a server frame in bytes, and of a client frame, which carries a mask. */
export const MOST_SERVER_HEADER_BYTES = 10;
export const MOST_CLIENT_HEADER_BYTES = 14;

/** How a peer broke the protocol: the code of the close frame it gets, and the reason in words (at most 123 bytes). */
export interface Violation {
  code: 1002 | 1007 | 1009;
  reason: string;
}

const RESERVED_BITS: Violation = {
  code: 1002,
  reason: "A reserved bit is set, but no extension was agreed.",
};
const UNKNOWN_OPCODE: Violation = { code: 1002, reason: "The opcode is unknown." };
const UNMASKED: Violation = { code: 1002, reason: "A client frame is not masked." };
const BAD_CONTROL: Violation = {
  code: 1002,
  reason: "A control frame is fragmented or longer than 125 bytes.",
};
const BAD_LENGTH: Violation = {
  code: 1002,
  reason: "A payload length is not in its shortest form, or is over 63 bits.",
};

/** The opcodes that exist, as bits. */
const KNOWN_OPCODES =
  (1 << CONTINUATION) | (1 << TEXT) | (1 << BINARY) | (1 << CLOSE) | (1 << PING) | (1 << PONG);

export function isControl(opcode: number): boolean {
  return opcode >= CLOSE;
}

/** The header of a client frame. */
export class FrameHeader {
  /** Whether the frame is the last of its message. */
  final = false;
  opcode = 0;
  payloadBytes = 0;
  /** The mask's four bytes as one big-endian 32-bit integer. */
  mask = 0;
  /** How the header breaks the protocol; null when it is sound. */
  violation: Violation | null = null;

  /**
   * Parses the header that begins at `at`. Returns its length in bytes, or 0 when `bytes` ends before the header does.
   * A header that breaks the protocol has a length too; its `violation` is set and its payload must not be read.
   */
  parse(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return 0;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    this.final = (first & 0x80) !== 0;
    this.opcode = first & 0x0f;
    this.violation = null;
    if ((first & 0x70) !== 0) return this.#violate(RESERVED_BITS);
    if (((1 << this.opcode) & KNOWN_OPCODES) === 0) return this.#violate(UNKNOWN_OPCODE);
    if ((second & 0x80) === 0) return this.#violate(UNMASKED);
    const shortLength = second & 0x7f;
    if (isControl(this.opcode) && (!this.final || shortLength > 125)) return this.#violate(BAD_CONTROL);

    let length = 2;
    if (shortLength === 126) length = 4;
    else if (shortLength === 127) length = 10;
    if (end - at < length + 4) return 0;
    this.payloadBytes = shortLength;
    if (shortLength > 125 && !this.#parseLongLength(bytes, at + 2, shortLength))
      return this.#violate(BAD_LENGTH);
    const mask = at + length;
    this.mask = (bytes[mask]! << 24) | (bytes[mask + 1]! << 16) | (bytes[mask + 2]! << 8) | bytes[mask + 3]!;
    return length + 4;
  }

  #violate(violation: Violation): number {
    this.violation = violation;
    return 2;
  }

  /** Reads the 16-bit or 64-bit length; false when a shorter form would have done, or the topmost bit is set. */
  #parseLongLength(bytes: Uint8Array, at: number, shortLength: number): boolean {
    if (shortLength === 126) {
      this.payloadBytes = (bytes[at]! << 8) | bytes[at + 1]!;
      return this.payloadBytes > 125;
    }
    let length = 0;
    for (let i = 0; i < 8; i++) length = length * 256 + bytes[at + i]!;
    // A length beyond 2^53 loses its low bits here, which is harmless: it is far above any message limit.
    this.payloadBytes = length;
    return length > 0xffff && bytes[at]! < 0x80;
  }
}

/** The length in bytes of a server frame's header for a payload of this many bytes. */
export function serverHeaderBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 0x10000 ? 4 : MOST_SERVER_HEADER_BYTES;
}

/** Writes the header of an unfragmented server frame at `at` and returns its length in bytes. */
export function writeServerHeader(
  target: Uint8Array,
  at: number,
  opcode: number,
  payloadBytes: number,
): number {
  target[at] = 0x80 | opcode;
  if (payloadBytes < 126) {
    target[at + 1] = payloadBytes;
    return 2;
  }
  if (payloadBytes < 0x10000) {
    target[at + 1] = 126;
    target[at + 2] = payloadBytes >>> 8;
    target[at + 3] = payloadBytes;
    return 4;
  }
  target[at + 1] = 127;
  let rest = payloadBytes;
  for (let i = 9; i >= 2; i--) {
    target[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return MOST_SERVER_HEADER_BYTES;
}
