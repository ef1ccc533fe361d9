/** Which requests the HTTP codec refuses, and that a refusal ends the connection. */
import { expect, test } from "vitest";
import type { Codec } from "../../../protocols/codec.ts";
import { HttpCodec } from "../../../protocols/http.ts";
import { Recorder, bytewise, deliver, open, run } from "./driver.ts";
import { HOST, chunkedPost, get, post, responses } from "./http-streams.ts";

const BODY_LIMIT = 16 * 1024 * 1024;

/** Each request is refused as a whole; what it is comes first, then the status it gets. */
const REFUSED: [what: string, status: number, request: string][] = [
  ["garbage", 400, "\x16\x03\x01\x02 hello\r\n\r\n"],
  ["a method with a control character", 400, `GE\tT / HTTP/1.1\r\n${HOST}\r\n`],
  ["an empty method", 400, ` / HTTP/1.1\r\n${HOST}\r\n`],
  ["no target", 400, `GET  HTTP/1.1\r\n${HOST}\r\n`],
  ["no version", 400, `GET /\r\n${HOST}\r\n`],
  ["two spaces before the version", 400, `GET /  HTTP/1.1\r\n${HOST}\r\n`],
  ["a space at the line's end", 400, `GET / HTTP/1.1 \r\n${HOST}\r\n`],
  ["a version in lower case", 400, `GET / http/1.1\r\n${HOST}\r\n`],
  ["a version without a dot", 400, `GET / HTTP/11\r\n${HOST}\r\n`],
  ["a version of two digits", 400, `GET / HTTP/1.10\r\n${HOST}\r\n`],
  ["a cut-off version", 400, "GET / HTTP/1\r\n"],
  ["a target with a control character", 400, `GET /\x01 HTTP/1.1\r\n${HOST}\r\n`],
  ["a target with a fragment", 400, `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
  ["a target outside ASCII", 400, `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`],
  ["a relative target", 400, `GET a/b HTTP/1.1\r\n${HOST}\r\n`],
  ["an asterisk without OPTIONS", 400, `GET * HTTP/1.1\r\n${HOST}\r\n`],
  ["CONNECT without a port", 400, `CONNECT a HTTP/1.1\r\n${HOST}\r\n`],
  ["HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/0.9 spelt out", 505, "GET / HTTP/0.9\r\n\r\n"],
  ["a bare LF after the request line", 400, `GET / HTTP/1.1\n${HOST}\r\n`],
  ["a bare CR after the request line", 400, `GET / HTTP/1.1\rX${HOST}\r\n`],
  ["a bare LF after a field", 400, "GET / HTTP/1.1\r\nHost: h\n\r\n"],
  ["a bare CR in a field", 400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n"],
  ["a bare LF as the empty line", 400, `GET / HTTP/1.1\r\n${HOST}\n`],
  ["a CR without LF as the empty line", 400, `GET / HTTP/1.1\r\n${HOST}\rX\r\n`],
  ["a CR without LF before the request", 400, "\rGET / HTTP/1.1\r\n"],
  ["a folded field", 400, get("X: a\r\n b\r\n")],
  ["a first line that begins with a blank", 400, `GET / HTTP/1.1\r\n ${HOST}\r\n`],
  ["a blank before the colon", 400, get("X : a\r\n")],
  ["an empty field name", 400, get(": a\r\n")],
  ["a field without a colon", 400, get("X\r\n")],
  ["a separator in a field name", 400, get("X(y): a\r\n")],
  ["a byte outside ASCII in a field name", 400, get("X\xe9: a\r\n")],
  ["a NUL in a field value", 400, get("X: a\0b\r\n")],
  ["a DEL in a field value", 400, get("X: a\x7fb\r\n")],
  ["no Host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["two Hosts", 400, get("Host: other\r\n")],
  ["two equal Hosts", 400, get(HOST)],
  ["two Hosts in HTTP/1.0", 400, `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`],
  ["a Host with a blank", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["a Host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["a Host with a wrong port", 400, "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n"],
  ["a Host with an open bracket", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"],
  ["an empty Content-Length", 400, get("Content-Length:\r\n")],
  ["a signed Content-Length", 400, get("Content-Length: +3\r\n")],
  ["a negative Content-Length", 400, get("Content-Length: -3\r\n")],
  ["a hexadecimal Content-Length", 400, get("Content-Length: 0x3\r\n")],
  ["a fractional Content-Length", 400, get("Content-Length: 3.0\r\n")],
  ["a Content-Length with a blank", 400, get("Content-Length: 3 3\r\n")],
  ["two different Content-Lengths", 400, get("Content-Length: 3\r\nContent-Length: 4\r\n")],
  ["a list of different Content-Lengths", 400, get("Content-Length: 3, 4\r\n")],
  ["a list with an empty Content-Length", 400, get("Content-Length: 3,\r\n")],
  ["a length and chunks", 400, chunkedPost("0\r\n\r\n", "Content-Length: 3\r\n")],
  ["a length and an unknown coding", 400, get("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n")],
  ["chunks in HTTP/1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["chunked twice in a list", 400, get("Transfer-Encoding: chunked, chunked\r\n")],
  ["chunked twice", 400, get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")],
  ["an empty Transfer-Encoding", 400, get("Transfer-Encoding:\r\n")],
  ["gzip", 501, get("Transfer-Encoding: gzip\r\n")],
  ["gzip under chunked", 501, get("Transfer-Encoding: gzip, chunked\r\n")],
  ["chunked with a parameter", 501, get("Transfer-Encoding: chunked;q=1\r\n")],
  ["another expectation", 417, get("Expect: 200-ok\r\n")],
  ["a target that is too long", 414, get("", `/${"a".repeat(8 * 1024)}`)],
  ["a field that is too large", 431, get(`X: ${"a".repeat(16 * 1024)}\r\n`)],
  ["too many fields", 431, get("X: a\r\n".repeat(100))],
  ["a body that is too large", 413, get(`Content-Length: ${BODY_LIMIT + 1}\r\n`)],
  ["a body length beyond all numbers", 413, get(`Content-Length: 1${"0".repeat(400)}\r\n`)],
  ["an empty chunk size", 400, chunkedPost("\r\n")],
  ["a chunk size that is no number", 400, chunkedPost("x\r\n")],
  ["a chunk size with a sign", 400, chunkedPost("+3\r\nabc\r\n")],
  ["a chunk size with a prefix", 400, chunkedPost("0x3\r\nabc\r\n")],
  ["a chunk size of 17 digits", 400, chunkedPost(`${"0".repeat(16)}3\r\nabc\r\n`)],
  ["a blank before the chunk size", 400, chunkedPost(" 3\r\nabc\r\n")],
  ["text after the chunk size", 400, chunkedPost("3 x\r\nabc\r\n")],
  ["a blank alone after the chunk size", 400, chunkedPost("3 \r\nabc\r\n")],
  ["a bare LF after the chunk size", 400, chunkedPost("3\nabc\r\n")],
  ["a bare CR after the chunk size", 400, chunkedPost("3\rabc\r\n")],
  ["a control character in an extension", 400, chunkedPost("3;a\0\r\nabc\r\n")],
  ["a bare LF in an extension", 400, chunkedPost("3;a\nabc\r\n")],
  ["chunk data that is too long", 400, chunkedPost("3\r\nabcd\r\n")],
  ["a bare LF after chunk data", 400, chunkedPost("3\r\nabc\n0\r\n")],
  ["a bare CR after chunk data", 400, chunkedPost("3\r\nabc\r0\r\n")],
  ["chunk extensions that are too large", 413, chunkedPost(`1;${"a".repeat(9000)}\r\nx\r\n`.repeat(2))],
  ["chunks that are too large", 413, chunkedPost(`1\r\nx\r\n${BODY_LIMIT.toString(16)}\r\n`)],
  ["a trailer with a blank before the colon", 400, chunkedPost("0\r\nX : y\r\n\r\n")],
  ["a trailer without a colon", 400, chunkedPost("0\r\nX\r\n\r\n")],
  ["a trailer that begins with a blank", 400, chunkedPost("0\r\n X: y\r\n\r\n")],
  ["a control character in a trailer", 400, chunkedPost("0\r\nX: \x01\r\n\r\n")],
  ["a bare CR in a trailer", 400, chunkedPost("0\r\nX: y\rz\r\n\r\n")],
  ["a CR without LF after the trailers", 400, chunkedPost("0\r\n\rX")],
  ["trailers that are too large", 431, chunkedPost(`0\r\nX: ${"a".repeat(16 * 1024)}\r\n\r\n`)],
  ["too many trailers", 431, chunkedPost(`0\r\n${"X: a\r\n".repeat(101)}\r\n`)],
];

test.each(REFUSED)("%s is refused with %i and the connection closed", (_what, status, request) => {
  const output = run("http", request);
  const parsed = responses(output.bytes);
  expect(parsed.map((response) => response.status)).toEqual([status]);
  expect(parsed[0]!.headers.get("connection")).toBe("close");
  expect(parsed[0]!.headers.has("date")).toBe(true);
  expect(output.endCount).toBe(1);
});

test.each(REFUSED)("%s is refused alike with %i when it comes byte by byte", (_what, _status, request) => {
  const whole = run("http", request);
  const pieced = run("http", ...bytewise(Buffer.from(request, "latin1")));
  expect(pieced.text).toBe(whole.text);
  expect(pieced.endCount).toBe(1);
});

test("input after a refusal is ignored", () => {
  const output = run("http", get("X : a\r\n"), post("late"), get());
  expect(responses(output.bytes).length).toBe(1);
  expect(output.endCount).toBe(1);
});

test("requests before a refused one are answered", () => {
  const output = run("http", `${post("first")}garbage\r\n\r\n`);
  expect(responses(output.bytes).map((response) => response.status)).toEqual([200, 400]);
});

test("the refusal of a HEAD has no body", () => {
  const output = run("http", "HEAD / HTTP/1.1\r\n\r\n");
  expect(responses(output.bytes, [0])[0]!.status).toBe(400);
});

test("the half-close after a refusal ends the output only once", () => {
  const { codec, output } = open("http");
  deliver(codec, Buffer.from("garbage\r\n"));
  codec.end();
  expect(output.endCount).toBe(1);
});

test("a half-close after whole requests ends the output", () => {
  const { codec, output } = open("http");
  deliver(codec, Buffer.from(post("hello") + get()));
  codec.end();
  expect(responses(output.bytes).length).toBe(2);
  expect(output.endCount).toBe(1);
});

test.each([
  ["head", "GET / HTT"],
  ["body", post("hello").slice(0, -1)],
  ["chunked body", chunkedPost("3\r\nab")],
])("a half-close in the middle of a %s ends the output without an answer", (_where, request) => {
  const { codec, output } = open("http");
  deliver(codec, Buffer.from(request));
  codec.end();
  expect(output.bytes.length).toBe(0);
  expect(output.endCount).toBe(1);
});

function limited(limits: ConstructorParameters<typeof HttpCodec>[2]): { codec: Codec; output: Recorder } {
  const output = new Recorder();
  const codec = new HttpCodec(output, ({ body }) => ({ status: 200, body }), limits);
  return { codec, output };
}

/** Limits at their exact edge: the request that just fits, and one that is one too large. */
const EDGES: [
  string,
  ConstructorParameters<typeof HttpCodec>[2],
  fits: string,
  over: string,
  status: number,
][] = [
  ["head bytes", { headBytes: get("X: 12345\r\n").length }, get("X: 12345\r\n"), get("X: 123456\r\n"), 431],
  ["target bytes", { targetBytes: 5 }, get("", "/1234"), get("", "/12345"), 414],
  ["field count", { fieldCount: 2 }, get("X: a\r\n"), get("X: a\r\nX: a\r\n"), 431],
  ["body bytes", { bodyBytes: 5 }, post("12345"), post("123456"), 413],
  [
    "chunked bytes",
    { bodyBytes: 5 },
    chunkedPost("3\r\nabc\r\n2\r\nab\r\n0\r\n\r\n"),
    chunkedPost("3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n"),
    413,
  ],
  [
    "extension bytes",
    { chunkOverheadBytes: 4 },
    chunkedPost("1;ab\r\nx\r\n0;ab\r\n\r\n"),
    chunkedPost("1;ab\r\nx\r\n0;abc\r\n\r\n"),
    413,
  ],
  [
    "trailer bytes",
    { chunkOverheadBytes: 8 },
    chunkedPost("0\r\nX: a\r\n\r\n"),
    chunkedPost("0\r\nX: ab\r\n\r\n"),
    431,
  ],
  [
    "trailer count",
    { fieldCount: 2 },
    chunkedPost("0\r\nX: a\r\nX: a\r\n\r\n"),
    chunkedPost("0\r\nX: a\r\nX: a\r\nX: a\r\n\r\n"),
    431,
  ],
];

test.each(EDGES)("as many %s as the limit are taken", (_what, limits, fits) => {
  const { codec, output } = limited(limits);
  deliver(codec, Buffer.from(fits));
  expect(responses(output.bytes)[0]!.status).toBe(200);
});

test.each(EDGES)("more %s than the limit are refused", (_what, limits, _fits, over, status) => {
  const { codec, output } = limited(limits);
  deliver(codec, Buffer.from(over));
  expect(responses(output.bytes)[0]!.status).toBe(status);
});

test("an endless head that comes in pieces is refused at the limit", () => {
  const { codec, output } = limited({ headBytes: 100 });
  const endless = bytewise(Buffer.from(get(`X: ${"a".repeat(500)}`)));
  for (const byte of endless.slice(0, 99)) deliver(codec, byte);
  expect(output.endCount).toBe(0);
  deliver(codec, endless[99]!);
  expect(responses(output.bytes)[0]!.status).toBe(431);
});
