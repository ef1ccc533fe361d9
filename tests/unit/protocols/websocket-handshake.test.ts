/** Which WebSocket handshakes are taken. */
import { expect, test } from "vitest";
import { bytewise, deliver, open, run } from "./driver.ts";
import { responses } from "./http-streams.ts";
import { TEXT, frame, handshake, serverFrames } from "./ws-streams.ts";

test("the example handshake of RFC 6455 gets its answer", () => {
  const [response] = responses(run("ws", handshake()).bytes);
  expect(response!.status).toBe(101);
  expect(response!.headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  expect(response!.headers.get("upgrade")).toBe("websocket");
  expect(response!.headers.get("connection")).toBe("Upgrade");
});

test("no extension and no subprotocol is agreed", () => {
  const offer = "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\n";
  const [response] = responses(
    run(
      "ws",
      handshake((lines) => lines + offer),
    ).bytes,
  );
  expect([...response!.headers.keys()].toSorted()).toEqual(["connection", "sec-websocket-accept", "upgrade"]);
});

test("tokens among others and in any letter case are found", () => {
  const request = handshake((lines) =>
    lines
      .replace("Upgrade: websocket", "upgrade: h2c, WebSocket")
      .replace("n: Upgrade", "n: keep-alive, upgrade"),
  );
  expect(responses(run("ws", request).bytes)[0]!.status).toBe(101);
});

test("frames in the chunk of the handshake are answered", () => {
  const output = run("ws", Buffer.concat([Buffer.from(handshake()), frame(TEXT, "early")]));
  expect(serverFrames(output.writes[1]!.copy)[0]!.payload.toString()).toBe("early");
});

test("a handshake that comes byte by byte is answered alike", () => {
  const pieced = run("ws", ...bytewise(Buffer.from(handshake())));
  expect(pieced.text).toBe(run("ws", handshake()).text);
});

const without = (name: string) => (lines: string) => lines.replace(new RegExp(`${name}: [^\r]*\r\n`), "");
const REFUSED: [what: string, status: number, request: string][] = [
  ["no Host", 400, handshake(without("Host"))],
  ["no Upgrade", 400, handshake(without("Upgrade"))],
  ["another Upgrade", 400, handshake((lines) => lines.replace("websocket", "websockets"))],
  ["no Connection", 400, handshake(without("Connection"))],
  ["a Connection without upgrade", 400, handshake((lines) => lines.replace("n: Upgrade", "n: close"))],
  ["no key", 400, handshake(without("Sec-WebSocket-Key"))],
  ["a short key", 400, handshake((lines) => lines.replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="))],
  ["a key that is not base64", 400, handshake((lines) => lines.replace("dGhl", "dG*l"))],
  ["two keys", 400, handshake((lines) => `${lines}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`)],
  ["no version", 426, handshake(without("Sec-WebSocket-Version"))],
  ["another version", 426, handshake((lines) => lines.replace("n: 13", "n: 8"))],
  ["POST", 400, handshake().replace("GET", "POST")],
  ["HTTP/1.0", 400, handshake().replace("HTTP/1.1", "HTTP/1.0")],
  ["a body", 400, handshake((lines) => `${lines}Content-Length: 1\r\n`)],
  ["a chunked body", 400, handshake((lines) => `${lines}Transfer-Encoding: chunked\r\n`)],
  ["garbage", 400, "\x81\x85hello\r\n"],
];

test.each(REFUSED)(
  "a handshake with %s is refused with %i and the connection closed",
  (_what, status, request) => {
    const output = run("ws", request, frame(TEXT, "ignored"));
    expect(output.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nConnection: close\r\n`));
    expect(output.writes.length).toBe(1);
    expect(output.endCount).toBe(1);
  },
);

test("a refusal of the version says which version would do", () => {
  const text = run(
    "ws",
    handshake((lines) => lines.replace("n: 13", "n: 99")),
  ).text;
  expect(text).toContain("\r\nSec-WebSocket-Version: 13\r\n");
});

test("a half-close during the handshake ends the output without an answer", () => {
  const { codec, output } = open("ws");
  deliver(codec, Buffer.from(handshake().slice(0, 40)));
  codec.end();
  expect(output.bytes.length).toBe(0);
  expect(output.endCount).toBe(1);
});
