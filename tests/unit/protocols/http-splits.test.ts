/** However a stream is cut into chunks, the HTTP codec answers the same. */
import { expect, test } from "vitest";
import { HttpCodec } from "../../../protocols/http.ts";
import { Recorder, bytewise, deliver, pieces, random, run } from "./driver.ts";
import { ACCEPTED, chunkedPost, get, post, responses } from "./http-streams.ts";

const STREAMS = Object.entries(ACCEPTED).map(([name, text]) => [name, Buffer.from(text, "latin1")] as const);

test.each(STREAMS)("%s: byte by byte gives the same bytes", (_name, stream) => {
  const whole = run("http", stream);
  const pieced = run("http", ...bytewise(stream));
  expect(pieced.text).toBe(whole.text);
  expect(pieced.endCount).toBe(whole.endCount);
});

test.each(STREAMS)("%s: a cut at any position gives the same bytes", (_name, stream) => {
  const whole = run("http", stream);
  for (let cut = 1; cut < stream.length; cut++) {
    const pieced = run("http", stream.subarray(0, cut), stream.subarray(cut));
    expect(pieced.text, `cut at ${cut}`).toBe(whole.text);
    expect(pieced.endCount, `cut at ${cut}`).toBe(whole.endCount);
  }
});

test("every accepted stream is answered without a refusal", () => {
  for (const [name, stream] of STREAMS) {
    const bodiless = name === "a HEAD" ? [0] : [];
    for (const response of responses(run("http", stream).bytes, bodiless)) {
      expect([200, 405, 501], name).toContain(response.status);
    }
  }
});

test("an expectation changes nothing but the interim response, wherever the stream is cut", () => {
  const stream = Buffer.from(post("hello", "Expect: 100-continue\r\n") + get());
  const whole = run("http", stream).text;
  for (let cut = 1; cut < stream.length; cut++) {
    const pieced = run("http", stream.subarray(0, cut), stream.subarray(cut)).text;
    expect(pieced.replace("HTTP/1.1 100 Continue\r\n\r\n", ""), `cut at ${cut}`).toBe(whole);
  }
});

test("a body of many chunks arrives whole", () => {
  const body = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(i % 251)).join("");
  const stream = Buffer.from(post(body), "latin1");
  const [response] = responses(run("http", ...pieces(stream, random(1), 20_000)).bytes);
  expect(response!.body).toBe(body);
});

test("a chunked body of many chunks arrives whole", () => {
  const body = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(i % 251)).join("");
  let framed = "";
  for (let at = 0; at < body.length; at += 7001) {
    const data = body.slice(at, at + 7001);
    framed += `${data.length.toString(16)}\r\n${data}\r\n`;
  }
  const stream = Buffer.from(chunkedPost(`${framed}0\r\n\r\n`), "latin1");
  const [response] = responses(run("http", ...pieces(stream, random(2), 20_000)).bytes);
  expect(response!.body).toBe(body);
});

test("written buffers are never changed afterwards", () => {
  const output = new Recorder();
  const codec = new HttpCodec(output, ({ body }) => ({ status: 200, body }));
  const stream = Buffer.from(
    (post("a".repeat(20_000)) + post("b") + chunkedPost("3\r\nccc\r\n0\r\n\r\n")).repeat(20),
  );
  // Deliveries of at most 999 bytes hold no whole large body, so no write is a view of a chunk.
  for (const piece of pieces(stream, random(3), 999)) deliver(codec, piece);
  expect(output.writes.length).toBe(80);
  for (const { original, copy } of output.writes) expect(copy.equals(original)).toBe(true);
});

test("a handler reads the request's strings even when the head's chunk is gone", () => {
  const seen: (string | undefined)[] = [];
  const output = new Recorder();
  const codec = new HttpCodec(output, (request) => {
    seen.push(request.method, request.target, request.headers.get("x-a"), request.headers.get("x-none"));
    return { status: 200, body: request.body };
  });
  const request = Buffer.from(post("hello", "X-A: one\r\nx-a:\t two \r\n"));
  deliver(codec, request.subarray(0, -3));
  deliver(codec, request.subarray(-3));
  expect(seen).toEqual(["POST", "/echo", "one, two", undefined]);
});
