/** The header fields that decide how a request is framed and whether the connection lives on, read from bytes. */
import {
  CLASS,
  COLON,
  DIGIT,
  HOST_LITERAL,
  HOST_NAME,
  ascii,
  equalIgnoringCase,
  latin1,
  listMembers,
  withoutBlanks,
} from "./http-syntax.ts";

const CHUNKED = ascii("chunked");
const CONTINUE = ascii("100-continue");
const CLOSE = ascii("close");
const KEEP_ALIVE = ascii("keep-alive");
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** A Content-Length value in bytes, or -1 when it is no number. Equal members of a list count once (RFC 9110, 8.6). */
export function contentLengthOf(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return contentLengthOfList(latin1(bytes, start, end));
    length = length * 10 + digit;
  }
  return start === end ? -1 : length;
}

function contentLengthOfList(value: string): number {
  const members = value.split(",").map(withoutBlanks);
  if (!members.every((member) => /^[0-9]+$/.test(member))) return -1;
  const lengths = new Set(members.map(Number));
  return lengths.size === 1 ? Number(members[0]) : -1;
}

/** Whether a Host value is `name`, `name:port` or `[literal]:port`; the empty value is valid (RFC 9110, 7.2). */
export function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (at < end && bytes[at] === OPEN_BRACKET) {
    at++;
    while (at < end && (CLASS[bytes[at]!]! & HOST_LITERAL) !== 0) at++;
    if (at === start + 1 || at === end || bytes[at] !== CLOSE_BRACKET) return false;
    at++;
  } else {
    while (at < end && (CLASS[bytes[at]!]! & HOST_NAME) !== 0) at++;
  }
  if (at === end) return true;
  if (bytes[at] !== COLON) return false;
  for (at++; at < end; at++) if ((CLASS[bytes[at]!]! & DIGIT) === 0) return false;
  return true;
}

/** What a Transfer-Encoding value asks for. */
export function transferEncodingOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): "chunked" | "bad" | "unknown" {
  if (equalIgnoringCase(bytes, start, end, CHUNKED)) return "chunked";
  const codings = listMembers(latin1(bytes, start, end));
  if (codings.every((coding) => coding === "chunked")) return codings.length === 1 ? "chunked" : "bad";
  return "unknown";
}

/** Which of the two options that matter are in a Connection value. */
export function connectionOptionsOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): { close: boolean; keepAlive: boolean } {
  if (equalIgnoringCase(bytes, start, end, KEEP_ALIVE)) return { close: false, keepAlive: true };
  if (equalIgnoringCase(bytes, start, end, CLOSE)) return { close: true, keepAlive: false };
  const options = listMembers(latin1(bytes, start, end));
  return { close: options.includes("close"), keepAlive: options.includes("keep-alive") };
}

/** Whether an Expect value is the one expectation that exists. */
export function isContinueExpectation(bytes: Uint8Array, start: number, end: number): boolean {
  return equalIgnoringCase(bytes, start, end, CONTINUE);
}
