/** The echo application on every protocol. This table is the one place that says what "echo" means on the wire. */
import type { Codec, Output } from "./codec.ts";
import { DiscardCodec } from "./discard.ts";
import { KNOWN_METHODS } from "./http-head.ts";
import { ResponseHeaders } from "./http-response.ts";
import type { HttpResponse } from "./http-response.ts";
import { HttpCodec } from "./http.ts";
import type { HttpRequest } from "./http.ts";
import { ascii } from "./http-syntax.ts";
import { TcpCodec } from "./tcp.ts";
import { WebSocketCodec } from "./websocket.ts";

type EchoProtocol = "tcp" | "http" | "ws" | "udp" | "discard";

const OCTETS = new ResponseHeaders({ "Content-Type": "application/octet-stream" });
const TEXT = new ResponseHeaders({ "Content-Type": "text/plain" });
const TEXT_WITH_ALLOW = new ResponseHeaders({ "Content-Type": "text/plain", Allow: "GET, HEAD, POST" });
const GREETING = ascii("POST a body to have it echoed.\n");
const NOT_ALLOWED = ascii("This server allows GET, HEAD and POST.\n");
const NOT_IMPLEMENTED = ascii("This server does not know the method.\n");

/** POST answers with the request's body; GET and HEAD answer with a short text; all else is refused. */
function echoRequest(request: HttpRequest): HttpResponse {
  switch (request.method) {
    case "POST":
      return { status: 200, headers: OCTETS, body: request.body };
    case "GET":
    case "HEAD":
      return { status: 200, headers: TEXT, body: GREETING };
    default:
      return (KNOWN_METHODS as readonly string[]).includes(request.method)
        ? { status: 405, headers: TEXT_WITH_ALLOW, body: NOT_ALLOWED }
        : { status: 501, headers: TEXT, body: NOT_IMPLEMENTED };
  }
}

/** One for all connections, because a closure each would be most of what an idle one costs in its codec. */
const same = <Bytes>(bytes: Bytes): Bytes => bytes;

const CODECS: Record<EchoProtocol, (output: Output) => Codec> = {
  tcp: (output) => new TcpCodec(output, same),
  http: (output) => new HttpCodec(output, echoRequest),
  // A datagram goes back as it came.
  udp: (output) => new TcpCodec(output, same),
  ws: (output) => new WebSocketCodec(output, same),
  discard: (output) => new DiscardCodec(output),
};

/** A fresh echo codec for one connection. */
export function createEchoCodec(protocol: EchoProtocol, output: Output): Codec {
  return CODECS[protocol](output);
}
