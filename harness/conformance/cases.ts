/** All conformance cases, in the order in which they run. */
import type { ConformanceCaseDefinition } from "./case.ts";
import { CLOSING_CASES } from "./cases-closing.ts";
import { DATAGRAM_CASES } from "./cases-datagrams.ts";
import { DISCARD_CASES } from "./cases-discard.ts";
import { ECHO_CASES } from "./cases-echo.ts";
import { HTTP_CASES } from "./cases-http.ts";
import { WEBSOCKET_CASES } from "./cases-websocket.ts";

export const CONFORMANCE_CASES: readonly ConformanceCaseDefinition[] = [
  ...ECHO_CASES,
  ...CLOSING_CASES,
  ...HTTP_CASES,
  ...WEBSOCKET_CASES,
  ...DATAGRAM_CASES,
  ...DISCARD_CASES,
];
