/** What uWebSockets.js is known to do otherwise than the protocols ask, beyond the echo. */
import type { Deviation } from "../../harness/contract.ts";

const IN_PIECES =
  "It answers 505 when the request line comes in more than one piece (uWebSockets issue 1776).";
const CUT_OFF = "It closes at the client's FIN and drops the answers that the kernel has not taken yet.";

export const DEVIATIONS: readonly Deviation[] = [
  {
    protocol: "http",
    caseName: "takes a request line that arrives byte by byte",
    occurs: "always",
    reason: IN_PIECES,
  },
  {
    protocol: "http",
    caseName: "answers an HTTP/1.0 request and closes",
    occurs: "always",
    reason: "It answers 505, because it speaks HTTP/1.1 only.",
  },
  {
    protocol: "http",
    caseName: "sends all answers after the client's FIN when the client reads late",
    occurs: "sometimes",
    reason: `${CUT_OFF} It stops reading while answers wait, so this depends on when it sees the FIN.`,
  },
  {
    protocol: "ws",
    caseName: "takes an opening handshake that arrives byte by byte",
    occurs: "always",
    reason: IN_PIECES,
  },
  {
    protocol: "ws",
    caseName: "refuses a frame without a mask",
    occurs: "always",
    reason: "It does not look at the mask bit and takes the first four payload bytes for a mask.",
  },
  {
    protocol: "ws",
    caseName: "sends all answers after the client's FIN when the client reads late",
    occurs: "sometimes",
    reason: `${CUT_OFF} Where it is kept from its CPU, the client may read on before it sees the FIN.`,
  },
];
