/**
 * The head of an HTTP/1.x request: request line and header fields, checked byte by byte in one pass and turned into
 * strings only when they are read. It resumes at the last unfinished line, so a head may arrive in any number of pieces.
 */
import {
  AMBIGUOUS_LENGTH,
  BAD_CONTENT_LENGTH,
  BAD_FIELD,
  BAD_HOST,
  BAD_REQUEST_LINE,
  BAD_TARGET,
  BAD_TRANSFER_ENCODING,
  HEAD_TOO_LARGE,
  TARGET_TOO_LONG,
  UNKNOWN_EXPECTATION,
  UNKNOWN_TRANSFER_ENCODING,
  UNSUPPORTED_VERSION,
} from "./http-faults.ts";
import type { Fault, HttpLimits } from "./http-faults.ts";
import {
  connectionOptionsOf,
  contentLengthOf,
  isContinueExpectation,
  isHost,
  transferEncodingOf,
} from "./http-fields.ts";
import {
  CLASS,
  COLON,
  CR,
  FIELD_VALUE,
  LF,
  SPACE,
  TAB,
  TARGET,
  TOKEN,
  ascii,
  equalBytes,
  equalIgnoringCase,
  latin1,
  withoutBlanks,
} from "./http-syntax.ts";

/** Returned instead of a position when more bytes are needed. */
export const INCOMPLETE = -1;
/** Returned instead of a position when the input is refused; `fault` says why. */
export const REFUSED = -2;

/** The methods of RFC 9110 and RFC 5789, the most used first. */
export const KNOWN_METHODS = [
  "POST",
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "CONNECT",
  "TRACE",
] as const;
const METHOD_BYTES = KNOWN_METHODS.map(ascii);

const VERSION_PREFIX = ascii("HTTP/");
const HOST = ascii("host");
const EXPECT = ascii("expect");
const CONNECTION = ascii("connection");
const CONTENT_LENGTH = ascii("content-length");
const TRANSFER_ENCODING = ascii("transfer-encoding");
const SLASH = 0x2f;
const DOT = 0x2e;

export class HttpHead {
  readonly #limits: HttpLimits;
  #bytes: Uint8Array = new Uint8Array(0);
  #base = 0;
  /** Where parsing goes on, where the target lies and where the fields begin, all counted from `#base`. */
  #resume = 0;
  #targetStart = 0;
  #targetEnd = 0;
  #fieldsStart = 0;
  #fieldCount = 0;
  #hostCount = 0;
  #unknownTransferEncoding = false;
  #unknownExpectation = false;
  #connectionClose = false;
  #connectionKeepAlive = false;

  /** Why the last `parse` refused; meaningful only after it returned `REFUSED`. */
  fault: Fault = BAD_REQUEST_LINE;
  method = "";
  /** 0 for HTTP/1.0, 1 for HTTP/1.1 and any later HTTP/1.x. */
  minorVersion = 1;
  /** The announced body length in bytes, or -1 when there is none. */
  contentLength = -1;
  chunked = false;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  expectsContinue = false;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** Whether the connection stays open after the response. */
  get keepsAlive(): boolean {
    return !this.#connectionClose && (this.minorVersion > 0 || this.#connectionKeepAlive);
  }

  get target(): string {
    return latin1(this.#bytes, this.#base + this.#targetStart, this.#base + this.#targetEnd);
  }

  /** The value of a field by its name in lower case; the values of several lines are joined by a comma and a space. */
  get(lowerCaseName: string): string | undefined {
    const name = ascii(lowerCaseName);
    const bytes = this.#bytes;
    let value: string | undefined;
    let line = this.#base + this.#fieldsStart;
    for (let count = 0; count < this.#fieldCount; count++) {
      const colon = bytes.indexOf(COLON, line);
      const end = bytes.indexOf(CR, colon);
      if (equalIgnoringCase(bytes, line, colon, name)) {
        const text = withoutBlanks(latin1(bytes, colon + 1, end));
        value = value === undefined ? text : `${value}, ${text}`;
      }
      line = end + 2;
    }
    return value;
  }

  /** Makes ready for the next request. */
  reset(): void {
    this.#resume = 0;
    this.#fieldsStart = 0;
    this.#fieldCount = 0;
    this.#hostCount = 0;
    this.#unknownTransferEncoding = false;
    this.#unknownExpectation = false;
    this.#connectionClose = false;
    this.#connectionKeepAlive = false;
    this.method = "";
    this.minorVersion = 1;
    this.contentLength = -1;
    this.chunked = false;
    this.expectsContinue = false;
  }

  /** Says that the head, parsed or half parsed, now begins at `base` of `bytes`. */
  moveTo(bytes: Uint8Array, base: number): void {
    this.#bytes = bytes;
    this.#base = base;
  }

  /**
   * Parses the head that begins at `base`, as far as `end`. Returns the position after the head, or `INCOMPLETE`, or
   * `REFUSED`. Called again after `INCOMPLETE`, with the same head and more of it, it goes on at the unfinished line.
   */
  parse(bytes: Uint8Array, base: number, end: number): number {
    this.moveTo(bytes, base);
    if (this.#fieldsStart === 0) {
      const after = this.#parseRequestLine(bytes, base, end);
      if (after < 0) return after;
      this.#fieldsStart = after - base;
      this.#resume = after - base;
    }
    const after = this.#parseFields(bytes, end);
    return after < 0 ? after : this.#judge(after);
  }

  #refuse(fault: Fault): number {
    this.fault = fault;
    return REFUSED;
  }

  #parseRequestLine(bytes: Uint8Array, base: number, end: number): number {
    let at = base;
    // Empty lines before a request are skipped (RFC 9112, 2.2); the head limit bounds them.
    while (at < end && bytes[at] === CR) {
      if (at + 1 === end) return INCOMPLETE;
      if (bytes[at + 1] !== LF) return this.#refuse(BAD_REQUEST_LINE);
      at += 2;
    }
    const methodStart = at;
    while (at < end && (CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
    if (at === end) return INCOMPLETE;
    if (at === methodStart || bytes[at] !== SPACE) return this.#refuse(BAD_REQUEST_LINE);
    const methodEnd = at++;

    const targetStart = at;
    while (at < end && (CLASS[bytes[at]!]! & TARGET) !== 0) at++;
    if (at - targetStart > this.#limits.targetBytes) return this.#refuse(TARGET_TOO_LONG);
    if (at === end) return INCOMPLETE;
    if (at === targetStart || bytes[at] !== SPACE) return this.#refuse(BAD_REQUEST_LINE);
    this.#targetStart = targetStart - base;
    this.#targetEnd = at - base;

    const after = this.#parseVersion(bytes, at + 1, end);
    if (after < 0) return after;
    this.method = methodOf(bytes, methodStart, methodEnd);
    if (bytes[targetStart] !== SLASH && !isRareTarget(this.method, this.target))
      return this.#refuse(BAD_TARGET);
    return after;
  }

  /** Parses `HTTP/x.y` and the line's end. */
  #parseVersion(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (let i = 0; i < VERSION_PREFIX.length; i++, at++) {
      if (at === end) return INCOMPLETE;
      if (bytes[at] !== VERSION_PREFIX[i]) return this.#refuse(BAD_REQUEST_LINE);
    }
    if (end - at < 5) {
      const sound = !bytes.subarray(at, end).includes(LF);
      return sound ? INCOMPLETE : this.#refuse(BAD_REQUEST_LINE);
    }
    const major = bytes[at]! - 0x30;
    const minor = bytes[at + 2]! - 0x30;
    const digits = major >= 0 && major <= 9 && minor >= 0 && minor <= 9;
    if (!digits || bytes[at + 1] !== DOT || bytes[at + 3] !== CR || bytes[at + 4] !== LF) {
      return this.#refuse(BAD_REQUEST_LINE);
    }
    if (major !== 1) return this.#refuse(UNSUPPORTED_VERSION);
    this.minorVersion = minor === 0 ? 0 : 1;
    return at + 5;
  }

  /** Parses whole header lines up to and with the empty line. */
  #parseFields(bytes: Uint8Array, end: number): number {
    let at = this.#base + this.#resume;
    for (;;) {
      const nameStart = at;
      while (at < end && (CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
      if (at === end) return INCOMPLETE;
      if (at === nameStart && bytes[at] === CR) {
        if (at + 1 === end) return INCOMPLETE;
        return bytes[at + 1] === LF ? at + 2 : this.#refuse(BAD_FIELD);
      }
      if (at === nameStart || bytes[at] !== COLON) return this.#refuse(BAD_FIELD);
      const nameEnd = at++;

      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      const valueStart = at;
      while (at < end && (CLASS[bytes[at]!]! & FIELD_VALUE) !== 0) at++;
      if (at === end) return INCOMPLETE;
      if (bytes[at] !== CR) return this.#refuse(BAD_FIELD);
      if (at + 1 === end) return INCOMPLETE;
      if (bytes[at + 1] !== LF) return this.#refuse(BAD_FIELD);
      let valueEnd = at;
      while (valueEnd > valueStart && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB))
        valueEnd--;

      at += 2;
      this.#resume = at - this.#base;
      if (++this.#fieldCount > this.#limits.fieldCount) return this.#refuse(HEAD_TOO_LARGE);
      const fault = this.#heed(bytes, nameStart, nameEnd, valueStart, valueEnd);
      if (fault !== null) return this.#refuse(fault);
    }
  }

  /** Reads a field if it is one that the connection itself depends on; the length of its name distinguishes most. */
  #heed(bytes: Uint8Array, nameStart: number, nameEnd: number, start: number, end: number): Fault | null {
    switch (nameEnd - nameStart) {
      case HOST.length:
        if (!equalIgnoringCase(bytes, nameStart, nameEnd, HOST)) return null;
        this.#hostCount++;
        return isHost(bytes, start, end) ? null : BAD_HOST;
      case EXPECT.length:
        if (!equalIgnoringCase(bytes, nameStart, nameEnd, EXPECT)) return null;
        if (isContinueExpectation(bytes, start, end)) this.expectsContinue = true;
        else this.#unknownExpectation = true;
        return null;
      case CONNECTION.length: {
        if (!equalIgnoringCase(bytes, nameStart, nameEnd, CONNECTION)) return null;
        const options = connectionOptionsOf(bytes, start, end);
        this.#connectionClose ||= options.close;
        this.#connectionKeepAlive ||= options.keepAlive;
        return null;
      }
      case CONTENT_LENGTH.length:
        if (!equalIgnoringCase(bytes, nameStart, nameEnd, CONTENT_LENGTH)) return null;
        return this.#heedContentLength(contentLengthOf(bytes, start, end));
      case TRANSFER_ENCODING.length:
        if (!equalIgnoringCase(bytes, nameStart, nameEnd, TRANSFER_ENCODING)) return null;
        return this.#heedTransferEncoding(bytes, start, end);
      default:
        return null;
    }
  }

  #heedContentLength(length: number): Fault | null {
    const differs = this.contentLength !== -1 && this.contentLength !== length;
    if (length === -1 || differs) return BAD_CONTENT_LENGTH;
    this.contentLength = length;
    return null;
  }

  #heedTransferEncoding(bytes: Uint8Array, start: number, end: number): Fault | null {
    const encoding = transferEncodingOf(bytes, start, end);
    if (encoding === "bad" || (encoding === "chunked" && this.chunked)) return BAD_TRANSFER_ENCODING;
    if (encoding === "chunked") this.chunked = true;
    else this.#unknownTransferEncoding = true;
    return null;
  }

  /** Refuses what only the whole head can show; otherwise returns `after`. */
  #judge(after: number): number {
    if (this.#hostCount !== 1 && (this.minorVersion > 0 || this.#hostCount > 1))
      return this.#refuse(BAD_HOST);
    if (this.chunked || this.#unknownTransferEncoding) {
      if (this.contentLength !== -1) return this.#refuse(AMBIGUOUS_LENGTH);
      if (this.minorVersion === 0) return this.#refuse(BAD_TRANSFER_ENCODING);
      if (this.#unknownTransferEncoding) return this.#refuse(UNKNOWN_TRANSFER_ENCODING);
    }
    if (this.#unknownExpectation) return this.#refuse(UNKNOWN_EXPECTATION);
    // An HTTP/1.0 client cannot understand an interim response (RFC 9110, 10.1.1).
    if (this.minorVersion === 0) this.expectsContinue = false;
    return after;
  }
}

function methodOf(bytes: Uint8Array, start: number, end: number): string {
  for (let i = 0; i < METHOD_BYTES.length; i++) {
    if (equalBytes(bytes, start, end, METHOD_BYTES[i]!)) return KNOWN_METHODS[i]!;
  }
  return latin1(bytes, start, end);
}

/** Whether a target that does not begin with `/` is one of the other three forms (RFC 9112, 3.2). */
function isRareTarget(method: string, target: string): boolean {
  if (method === "CONNECT") return /^[^/?@]+:[0-9]+$/.test(target);
  if (method === "OPTIONS" && target === "*") return true;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]/.test(target);
}
