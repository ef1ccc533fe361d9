/** The alphabets of RFC 9110 and RFC 9112, as one table of bit sets indexed by byte, and comparisons on bytes. */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

/** Method names and field names. */
export const TOKEN = 1;
/** Field values: visible characters, obs-text, space and tab; no other control character. */
export const FIELD_VALUE = 2;
/** Request targets: visible ASCII without `#`, since a fragment is never sent. */
export const TARGET = 4;
/** The name part of a Host field: unreserved, sub-delims and `%`. */
export const HOST_NAME = 8;
/** The inside of a bracketed IP literal in a Host field. */
export const HOST_LITERAL = 16;
export const DIGIT = 32;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

function classify(): Uint8Array {
  const table = new Uint8Array(256);
  const mark = (characters: string, bit: number): void => {
    for (const character of characters) table[character.charCodeAt(0)]! |= bit;
  };
  mark(`!#$%&'*+-.^_\`|~${DIGITS}${LETTERS}`, TOKEN);
  for (let byte = 0x20; byte <= 0xff; byte++) if (byte !== 0x7f) table[byte]! |= FIELD_VALUE;
  table[TAB]! |= FIELD_VALUE;
  for (let byte = 0x21; byte <= 0x7e; byte++) if (byte !== 0x23) table[byte]! |= TARGET;
  mark(`-._~%!$&'()*+,;=${DIGITS}${LETTERS}`, HOST_NAME);
  mark(`-._~!$&'()*+,;=:${DIGITS}${LETTERS}`, HOST_LITERAL);
  mark(DIGITS, DIGIT);
  return table;
}

/** The classes of each byte; test with `CLASS[byte] & TOKEN`. */
export const CLASS: Uint8Array = classify();

/** The bytes of an ASCII constant. */
export function ascii(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Whether `bytes[start, end)` equals `expected`, case and all. */
export function equalBytes(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

/** Whether `bytes[start, end)` equals `lowerCase` (letters, digits and `-` only) when letter case is ignored. */
export function equalIgnoringCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerCase: Uint8Array,
): boolean {
  if (end - start !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    const byte = bytes[start + i]!;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (folded !== lowerCase[i]) return false;
  }
  return true;
}

/** `bytes[start, end)` as a string of one character per byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/** `text` without the spaces and tabs around it; by hand, since a pattern would take quadratic time on long runs. */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The members of a comma-separated field value in lower case, without empty ones. */
export function listMembers(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map(withoutBlanks)
    .filter((member) => member !== "");
}
