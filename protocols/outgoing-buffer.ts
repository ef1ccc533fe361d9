/** Memory for what a codec is about to write. */
import type { Output } from "./codec.ts";

const LENT_BYTES = 32 * 1024;
/** Used for one write after the other, which saves the garbage collector a buffer for each of them. */
const lent = Buffer.allocUnsafeSlow(LENT_BYTES);

/** A buffer of this length with anything in it, to be filled and given to `output.write` before the next one is asked for. */
export function outgoingBuffer(output: Output, byteCount: number): Buffer {
  return output.takesAtOnce && byteCount <= LENT_BYTES
    ? lent.subarray(0, byteCount)
    : Buffer.allocUnsafe(byteCount);
}
