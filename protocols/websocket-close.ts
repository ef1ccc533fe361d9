/** The payload of a WebSocket close frame (RFC 6455, 5.5.1 and 7.4): nothing, or a code and a reason. */
import { isUtf8 } from "node:buffer";
import type { Violation } from "./websocket-frames.ts";

const HALF_A_CODE: Violation = {
  code: 1002,
  reason: "A close frame carries one byte, which is no close code.",
};
const BAD_CODE: Violation = { code: 1002, reason: "The close code may not be sent." };
const BAD_REASON: Violation = { code: 1007, reason: "The close reason is not valid UTF-8." };

/** Whether a peer may send this close code. */
function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1011) || (code >= 3000 && code <= 4999);
}

/** How the unmasked close payload `bytes[start, start + length)` breaks the protocol, or null. */
export function closeViolation(bytes: Uint8Array, start: number, length: number): Violation | null {
  if (length === 0) return null;
  if (length === 1) return HALF_A_CODE;
  if (!isCloseCode((bytes[start]! << 8) | bytes[start + 1]!)) return BAD_CODE;
  return isUtf8(bytes.subarray(start + 2, start + length)) ? null : BAD_REASON;
}
