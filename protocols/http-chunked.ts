/** Decodes a chunked body (RFC 9112, 7.1) in any number of pieces. Extensions and trailers are checked and dropped. */
import { GatheredBytes } from "./gathered-bytes.ts";
import {
  BAD_CHUNK,
  BAD_TRAILER,
  BODY_TOO_LARGE,
  EXTENSIONS_TOO_LARGE,
  TRAILERS_TOO_LARGE,
} from "./http-faults.ts";
import type { Fault, HttpLimits } from "./http-faults.ts";
import { INCOMPLETE, REFUSED } from "./http-head.ts";
import { CLASS, COLON, CR, FIELD_VALUE, LF, SEMICOLON, SPACE, TAB, TOKEN } from "./http-syntax.ts";

/** Sixteen hexadecimal digits hold any length; more would be an endless run of leading zeros. */
const MOST_SIZE_DIGITS = 16;

/** What the next byte must be part of. */
type State =
  | "size"
  | "blank before extension"
  | "extension"
  | "end of size line"
  | "data"
  | "end of data"
  | "end of data line"
  | "trailer start"
  | "trailer name"
  | "trailer value"
  | "end of trailer line"
  | "end of body"
  | "done";

export class ChunkedBody {
  readonly #limits: HttpLimits;
  readonly #body = new GatheredBytes(0, 0);
  #state: State = "size";
  #sizeDigits = 0;
  /** The bytes still to come of the current chunk; while its size line is read, the size so far. */
  #remainingBytes = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  #trailerCount = 0;

  /** Why the last `read` refused; meaningful only after it returned `REFUSED`. */
  fault: Fault = BAD_CHUNK;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** The decoded body, in memory of its own. */
  get bytes(): Uint8Array {
    return this.#body.bytes;
  }

  /** Goes on at `at`. Returns the position after the body, or `INCOMPLETE` with the chunk used up, or `REFUSED`. */
  read(chunk: Uint8Array, at: number): number {
    while (at < chunk.length) {
      if (this.#state === "data") {
        const end = Math.min(chunk.length, at + this.#remainingBytes);
        this.#body.append(chunk, at, end);
        this.#remainingBytes -= end - at;
        at = end;
        if (this.#remainingBytes === 0) this.#state = "end of data";
        continue;
      }
      const fault = this.#step(chunk[at++]!);
      if (fault !== null) {
        this.fault = fault;
        return REFUSED;
      }
      if (this.#state === "done") return at;
    }
    return INCOMPLETE;
  }

  /** Takes one byte outside chunk data. */
  #step(byte: number): Fault | null {
    switch (this.#state) {
      case "size":
        return this.#stepSize(byte);
      case "blank before extension":
        if (byte === SEMICOLON) return this.#goTo("extension");
        return byte === SPACE || byte === TAB ? this.#countExtensionByte() : BAD_CHUNK;
      case "extension":
        if (byte === CR) return this.#goTo("end of size line");
        return (CLASS[byte]! & FIELD_VALUE) !== 0 ? this.#countExtensionByte() : BAD_CHUNK;
      case "end of size line":
        return byte === LF ? this.#goTo(this.#remainingBytes === 0 ? "trailer start" : "data") : BAD_CHUNK;
      case "end of data":
        return byte === CR ? this.#goTo("end of data line") : BAD_CHUNK;
      case "end of data line":
        this.#sizeDigits = 0;
        return byte === LF ? this.#goTo("size") : BAD_CHUNK;
      default:
        return this.#stepTrailer(byte);
    }
  }

  #stepSize(byte: number): Fault | null {
    const digit = hexDigitOf(byte);
    if (digit !== -1) {
      if (++this.#sizeDigits > MOST_SIZE_DIGITS) return BAD_CHUNK;
      this.#remainingBytes = this.#remainingBytes * 16 + digit;
      return this.#body.length + this.#remainingBytes > this.#limits.bodyBytes ? BODY_TOO_LARGE : null;
    }
    if (this.#sizeDigits === 0) return BAD_CHUNK;
    if (byte === CR) return this.#goTo("end of size line");
    if (byte === SEMICOLON) return this.#goTo("extension");
    return byte === SPACE || byte === TAB ? this.#goTo("blank before extension") : BAD_CHUNK;
  }

  #stepTrailer(byte: number): Fault | null {
    if (++this.#trailerBytes > this.#limits.chunkOverheadBytes) return TRAILERS_TOO_LARGE;
    switch (this.#state) {
      case "trailer start":
        if (byte === CR) return this.#goTo("end of body");
        if ((CLASS[byte]! & TOKEN) === 0) return BAD_TRAILER;
        return ++this.#trailerCount > this.#limits.fieldCount
          ? TRAILERS_TOO_LARGE
          : this.#goTo("trailer name");
      case "trailer name":
        if (byte === COLON) return this.#goTo("trailer value");
        return (CLASS[byte]! & TOKEN) !== 0 ? null : BAD_TRAILER;
      case "trailer value":
        if (byte === CR) return this.#goTo("end of trailer line");
        return (CLASS[byte]! & FIELD_VALUE) !== 0 ? null : BAD_TRAILER;
      case "end of trailer line":
        return byte === LF ? this.#goTo("trailer start") : BAD_TRAILER;
      default:
        return byte === LF ? this.#goTo("done") : BAD_TRAILER;
    }
  }

  #countExtensionByte(): Fault | null {
    return ++this.#extensionBytes > this.#limits.chunkOverheadBytes ? EXTENSIONS_TOO_LARGE : null;
  }

  #goTo(state: State): null {
    this.#state = state;
    return null;
  }
}

/** The value of a hexadecimal digit, or -1. */
function hexDigitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
