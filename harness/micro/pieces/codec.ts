/** The codecs of the servers on raw sockets: one message in, its bytes found, and one message out. */
import { Buffer } from "node:buffer";
import { createEchoCodec } from "../../../protocols/echo.ts";
import { requireSame, type Piece } from "../piece.ts";

const PAYLOAD = Buffer.alloc(64, "readymark");

const REQUESTS = {
  tcp: () => ({ opening: null, message: PAYLOAD }),
  http: () => ({
    opening: null,
    message: Buffer.concat([
      Buffer.from(
        `POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\nContent-Length: ${PAYLOAD.length}\r\n\r\n`,
      ),
      PAYLOAD,
    ]),
  }),
  ws: () => ({
    // The key of the example in RFC 6455, section 1.3.
    opening: Buffer.from(
      "GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ),
    // FIN and binary, masked with a key of zeros, which leaves the payload as it is however often it is unmasked.
    message: Buffer.concat([Buffer.from([0x82, 0x80 | PAYLOAD.length, 0, 0, 0, 0]), PAYLOAD]),
  }),
} as const;

export default (["tcp", "http", "ws"] as const).map((protocol): Piece => ({
  ...{
    framework: "codec",
    variant: protocol,
    protocol: "none",
    calls: 1000,
    obstacle: () => null,
    isAsync: false,
  },
  parameters: { work: "one message in and out", payloadBytes: PAYLOAD.length },
  prepare: async () => {
    const { opening, message } = REQUESTS[protocol]();
    let written: Uint8Array[] | null = [];
    const codec = createEchoCodec(protocol, {
      takesAtOnce: false,
      write: (bytes) => void written?.push(Uint8Array.from(bytes)),
      end: () => undefined,
    });
    if (opening !== null) codec.data(opening);
    written.length = 0;
    codec.data(message);
    const answer = Buffer.concat(written);
    requireSame(
      `The answer's payload over ${protocol}`,
      answer.subarray(-PAYLOAD.length).toString(),
      PAYLOAD.toString(),
    );
    written = null;
    return {
      run: (calls) => {
        for (let call = 0; call < calls; call++) codec.data(message);
      },
      close: () => undefined,
    };
  },
}));
