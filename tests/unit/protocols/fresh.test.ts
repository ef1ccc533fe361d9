/** When a codec may serve another connection: only between two messages. */
import { expect, test } from "vitest";
import { open, deliver } from "./driver.ts";

const REQUEST = Buffer.from("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");

test.each([
  ["before the first request", 0, true],
  ["in a head", 20, false],
  ["in a body", REQUEST.length - 1, false],
  ["after a request", REQUEST.length, true],
])("an http codec %s", (_where, bytes, isFresh) => {
  const { codec } = open("http");
  if (bytes > 0) deliver(codec, REQUEST.subarray(0, bytes));
  expect(codec.isFresh).toBe(isFresh);
});

test("an http codec that has closed its connection serves no other", () => {
  const { codec } = open("http");
  deliver(codec, Buffer.from("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  expect(codec.isFresh).toBe(false);
});

test("an http codec answers the next connection as a new one would", () => {
  const used = open("http");
  deliver(used.codec, REQUEST.subarray(0, 20));
  deliver(used.codec, REQUEST.subarray(20));
  deliver(used.codec, REQUEST);
  const fresh = open("http");
  deliver(fresh.codec, REQUEST);
  expect(used.output.text).toBe(fresh.output.text.repeat(2));
});
