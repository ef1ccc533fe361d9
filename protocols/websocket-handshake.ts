/** The opening handshake of a WebSocket (RFC 6455, 4.2): which upgrade requests are taken, and how they are answered. */
import { createHash } from "node:crypto";
import type { Fault } from "./http-faults.ts";
import type { HttpHead } from "./http-head.ts";
import { ascii, listMembers } from "./http-syntax.ts";

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const VERSION = "13";

const BAD_METHOD: Fault = {
  status: 400,
  sentence: "A WebSocket handshake is a GET request of HTTP/1.1 or later.",
};
const UNEXPECTED_BODY: Fault = { status: 400, sentence: "A WebSocket handshake has no body." };
const NO_UPGRADE: Fault = {
  status: 400,
  sentence: "A WebSocket handshake needs the fields Upgrade: websocket and Connection: Upgrade.",
};
const BAD_KEY: Fault = {
  status: 400,
  sentence: "A WebSocket handshake needs one Sec-WebSocket-Key, which is 16 bytes in base64.",
};
const WRONG_VERSION: Fault = {
  status: 426,
  sentence: `This server speaks WebSocket version ${VERSION} only.`,
  lines: `Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: ${VERSION}\r\n`,
};

/** Why a request is no handshake that this server takes, or null when it is one. */
export function handshakeFault(head: HttpHead): Fault | null {
  if (head.method !== "GET" || head.minorVersion === 0) return BAD_METHOD;
  if (head.chunked || head.contentLength > 0) return UNEXPECTED_BODY;
  const upgrades = listMembers(head.get("upgrade") ?? "");
  const options = listMembers(head.get("connection") ?? "");
  if (!upgrades.includes("websocket") || !options.includes("upgrade")) return NO_UPGRADE;
  if (!/^[A-Za-z0-9+/]{22}==$/.test(head.get("sec-websocket-key") ?? "")) return BAD_KEY;
  return head.get("sec-websocket-version") === VERSION ? null : WRONG_VERSION;
}

/** The response that accepts a handshake without a fault. No extension and no subprotocol is agreed. */
export function handshakeResponse(head: HttpHead): Uint8Array {
  const accept = createHash("sha1")
    .update(`${head.get("sec-websocket-key")}${ACCEPT_SUFFIX}`)
    .digest("base64");
  return ascii(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}
