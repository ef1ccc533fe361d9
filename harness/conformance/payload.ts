/** Payloads whose every byte is known, and comparison in words. */

/** Bytes that look random and differ for every `seed`, so that an answer meant for another connection is noticed. */
export function patternOf(seed: number, lengthBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(lengthBytes);
  // Xorshift never leaves zero, and neighbouring seeds need mixing before their first bytes differ.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  for (let index = 0; index < lengthBytes; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** The same, in printable ASCII, for messages that must be text. */
export function textPatternOf(seed: number, lengthBytes: number): Buffer {
  return Buffer.from(patternOf(seed, lengthBytes).map((byte) => 0x20 + (byte % 0x5f)));
}

/** Throws a sentence with the first difference; `what` names the answer, for example `the echo of 64 bytes`. */
export function requireEqual(actual: Buffer, expected: Buffer, what: string): void {
  if (actual.equals(expected)) return;
  if (actual.length !== expected.length) {
    throw new Error(`Expected ${expected.length} bytes as ${what}, but ${actual.length} came.`);
  }
  const index = actual.findIndex((byte, at) => byte !== expected[at]);
  throw new Error(
    `Expected byte ${index} of ${what} to be ${hex(expected[index])}, but ${hex(actual[index])} came.`,
  );
}

function hex(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, "0")}`;
}
