/**
 * Removes the mask of WebSocket client frames (RFC 6455, 5.3). The caller's chunk is never changed: it belongs to the
 * transport. Unmasking therefore always goes from the chunk into memory of the codec, or in place in that memory.
 */

/** From this size on, a native copy and an in-place pass over 32-bit words beat a loop over bytes. */
const WORDS_FROM_BYTES = 128;

/** A mask as bytes and as the word that those bytes are in this machine's byte order. */
const maskBytes = new Uint8Array(4);
const maskWord = new Int32Array(maskBytes.buffer);

/**
 * Writes `source[from, from + length)` without its mask to `target` at `at`. `mask` is the mask's four bytes as one
 * big-endian 32-bit integer. The two may be the same place of the same array, but must not otherwise overlap.
 */
export function unmask(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  length: number,
  mask: number,
): void {
  if (length < WORDS_FROM_BYTES) {
    unmaskBytes(target, at, source, from, length, mask);
    return;
  }
  if (target !== source || at !== from) target.set(source.subarray(from, from + length), at);
  const misaligned = (target.byteOffset + at) & 3;
  const lead = misaligned === 0 ? 0 : 4 - misaligned;
  unmaskBytes(target, at, target, at, lead, mask);
  const wordCount = (length - lead) >>> 2;
  const rotated = lead === 0 ? mask : (mask << (8 * lead)) | (mask >>> (32 - 8 * lead));
  unmaskWords(new Int32Array(target.buffer, target.byteOffset + at + lead, wordCount), rotated);
  const tail = at + lead + 4 * wordCount;
  unmaskBytes(target, tail, target, tail, at + length - tail, rotated);
}

function unmaskBytes(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  length: number,
  mask: number,
): void {
  const mask0 = mask >>> 24;
  const mask1 = mask >>> 16;
  const mask2 = mask >>> 8;
  const whole = length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    target[at + i] = source[from + i]! ^ mask0;
    target[at + i + 1] = source[from + i + 1]! ^ mask1;
    target[at + i + 2] = source[from + i + 2]! ^ mask2;
    target[at + i + 3] = source[from + i + 3]! ^ mask;
  }
  if (i < length) target[at + i] = source[from + i]! ^ mask0;
  if (i + 1 < length) target[at + i + 1] = source[from + i + 1]! ^ mask1;
  if (i + 2 < length) target[at + i + 2] = source[from + i + 2]! ^ mask2;
}

function unmaskWords(words: Int32Array, mask: number): void {
  maskBytes[0] = mask >>> 24;
  maskBytes[1] = mask >>> 16;
  maskBytes[2] = mask >>> 8;
  maskBytes[3] = mask;
  const word = maskWord[0]!;
  const whole = words.length & ~3;
  let i = 0;
  // Four words a turn take about half the time of one, since V8 does not unroll the loop itself.
  for (; i < whole; i += 4) {
    words[i] = words[i]! ^ word;
    words[i + 1] = words[i + 1]! ^ word;
    words[i + 2] = words[i + 2]! ^ word;
    words[i + 3] = words[i + 3]! ^ word;
  }
  for (; i < words.length; i++) words[i] = words[i]! ^ word;
}
