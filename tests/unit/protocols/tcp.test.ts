/** The raw TCP codec and the table of echo codecs. */
import { expect, test } from "vitest";
import { TcpCodec } from "../../../protocols/tcp.ts";
import { Recorder, open, run } from "./driver.ts";

test("a chunk is passed through without a copy", () => {
  const { codec, output } = open("tcp");
  const chunk = Buffer.from("hello");
  codec.data(chunk);
  expect(output.writes[0]!.original).toBe(chunk);
});

test("chunks come back in order", () => {
  expect(run("tcp", "one", "two", "three").text).toBe("onetwothree");
});

test("a half-close ends the output", () => {
  const { codec, output } = open("tcp");
  codec.end();
  expect(output.endCount).toBe(1);
});

test("a handler may send nothing", () => {
  const output = new Recorder();
  new TcpCodec(output, () => null).data(Buffer.from("x"));
  expect(output.writes.length).toBe(0);
});
