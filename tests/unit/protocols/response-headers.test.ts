/** Response header fields that a handler may set, and those it may not. */
import { expect, test } from "vitest";
import { HttpCodec } from "../../../protocols/http.ts";
import { ResponseHeaders } from "../../../protocols/http-response.ts";
import { Recorder, deliver } from "./driver.ts";
import { get, responses } from "./http-streams.ts";

test("a handler's fields are written", () => {
  const output = new Recorder();
  const headers = new ResponseHeaders({ "X-A": "one", "X-B": "two words" });
  deliver(
    new HttpCodec(output, () => ({ status: 404, headers, body: Buffer.from("no") })),
    Buffer.from(get()),
  );
  const [response] = responses(output.bytes);
  expect(response!.status).toBe(404);
  expect(response!.headers.get("x-b")).toBe("two words");
});

test.each([
  ["a line break in the value", { X: "a\r\nY: b" }],
  ["a blank in the name", { "X Y": "a" }],
  ["an empty name", { "": "a" }],
  ["a character beyond one byte", { X: "€" }],
  ["a field of the codec", { "content-length": "3" }],
])("%s is refused", (_what, fields) => {
  expect(() => new ResponseHeaders(fields as Record<string, string>)).toThrow(RangeError);
});

test("a request that a handler kept too long reads as one without fields", () => {
  let kept: { headers: { get(name: string): string | undefined } } | undefined;
  const codec = new HttpCodec(new Recorder(), (request) => {
    kept = request;
    return { status: 200, body: request.body };
  });
  deliver(codec, Buffer.from(get()));
  expect(kept!.headers.get("host")).toBe(undefined);
});
