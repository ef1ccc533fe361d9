/** What the WebSocket codec does with frames, right and wrong. */
import { expect, test } from "vitest";
import { WebSocketCodec } from "../../../protocols/websocket.ts";
import { unmask } from "../../../protocols/websocket-mask.ts";
import { Recorder, bytewise, deliver, open, pieces, random } from "./driver.ts";
import {
  BINARY,
  CLOSE,
  PING,
  PONG,
  TEXT,
  closing,
  frame,
  handshake,
  serverFrames,
  show,
  talk,
} from "./ws-streams.ts";

const EURO = Buffer.from("€");
const MORE = { final: false };

test.each([0, 1, 2, 3, 125, 126, 127, 128, 129, 255, 4096, 65535, 65536, 100_001])(
  "a binary message of %i bytes comes back",
  (length) => {
    const payload = Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 256));
    const { frames } = talk(frame(BINARY, payload));
    expect(frames.length).toBe(1);
    expect(frames[0]!.opcode).toBe(BINARY);
    expect(frames[0]!.payload.equals(payload)).toBe(true);
  },
);

test("a text message comes back as text", () => {
  expect(talk(frame(TEXT, "grüß €")).frames.map(show)).toEqual(["1:grüß €"]);
});

test("an answer is one write", () => {
  expect(talk(frame(BINARY, Buffer.alloc(70_000))).output.writes.length).toBe(2);
});

test("the caller's chunk is not changed", () => {
  const { codec } = open("ws");
  codec.data(Buffer.from(handshake()));
  const chunk = Buffer.concat([
    frame(BINARY, Buffer.alloc(1000)),
    frame(PING, "ping"),
    frame(TEXT, "cut off"),
  ]);
  const copy = Buffer.from(chunk);
  codec.data(chunk.subarray(0, -1));
  expect(chunk.equals(copy)).toBe(true);
});

test("fragments are joined under the opcode of the first", () => {
  const { frames } = talk(
    frame(TEXT, "one ", MORE),
    frame(0, "", MORE),
    frame(0, "two ", MORE),
    frame(0, "three"),
  );
  expect(frames.map(show)).toEqual(["1:one two three"]);
});

test("a message of empty fragments is empty", () => {
  expect(talk(frame(BINARY, "", MORE), frame(0, "")).frames.map(show)).toEqual(["2:"]);
});

test("control frames between fragments are answered at once", () => {
  const { frames } = talk(frame(TEXT, "a", MORE), frame(PING, "p"), frame(PONG, "q"), frame(0, "b"));
  expect(frames.map(show)).toEqual(["10:p", "1:ab"]);
});

test.each([0, 4, 125])("a ping of %i bytes is answered with the same payload", (length) => {
  const { frames } = talk(frame(PING, "x".repeat(length)));
  expect(frames.map(show)).toEqual([`10:${"x".repeat(length)}`]);
});

test("a pong is ignored", () => {
  expect(talk(frame(PONG, "x")).frames).toEqual([]);
});

test.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])(
  "close code %i is echoed and the connection ends",
  (code) => {
    const { output, frames } = talk(frame(CLOSE, closing(code, "grüß")));
    expect(frames[0]!.payload.equals(closing(code))).toBe(true);
    expect(output.endCount).toBe(1);
  },
);

test("a close without a code is answered without one", () => {
  const { output, frames } = talk(frame(CLOSE, ""));
  expect(frames.map(show)).toEqual(["close"]);
  expect(output.endCount).toBe(1);
});

test("input after a close is ignored", () => {
  const { output, frames } = talk(
    Buffer.concat([frame(CLOSE, closing(1000)), frame(TEXT, "x")]),
    frame(PING, "y"),
  );
  expect(frames.map(show)).toEqual(["close 1000"]);
  expect(output.endCount).toBe(1);
});

test("a close in the middle of a message is answered", () => {
  expect(talk(frame(TEXT, "a", MORE), frame(CLOSE, closing(1000))).frames.map(show)).toEqual(["close 1000"]);
});

test("text that is cut inside a character by fragments is valid", () => {
  const { frames } = talk(frame(TEXT, EURO.subarray(0, 1), MORE), frame(0, EURO.subarray(1)));
  expect(frames.map(show)).toEqual(["1:€"]);
});

test("binary data need not be UTF-8", () => {
  expect(talk(frame(BINARY, Buffer.from([0xff, 0xc0]))).frames[0]!.payload).toEqual(
    Buffer.from([0xff, 0xc0]),
  );
});

/** What breaks the protocol, the close code it gets, and the frames. */
const VIOLATIONS: [what: string, code: number, ...frames: Buffer[]][] = [
  ["an unmasked frame", 1002, frame(TEXT, "x", { masked: false })],
  ["an unmasked control frame", 1002, frame(PING, "", { masked: false })],
  ["RSV1", 1002, frame(TEXT, "x", { reservedBits: 4 })],
  ["RSV2", 1002, frame(TEXT, "x", { reservedBits: 2 })],
  ["RSV3", 1002, frame(PING, "x", { reservedBits: 1 })],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number, Buffer] => [
    `opcode ${opcode}`,
    1002,
    frame(opcode, "x"),
  ]),
  ["a ping of 126 bytes", 1002, frame(PING, "x".repeat(126))],
  ["a close of 126 bytes", 1002, frame(CLOSE, closing(1000, "x".repeat(124)))],
  ["a fragmented ping", 1002, frame(PING, "x", MORE)],
  ["a continuation of nothing", 1002, frame(0, "x")],
  ["a continuation of a finished message", 1002, frame(TEXT, "a", MORE), frame(0, "b"), frame(0, "c")],
  ["a new message among fragments", 1002, frame(TEXT, "a", MORE), frame(TEXT, "b")],
  ["a 16-bit length of 125", 1002, frame(BINARY, "x".repeat(125), { lengthBytes: 2 })],
  ["a 64-bit length of 125", 1002, frame(BINARY, "x".repeat(125), { lengthBytes: 8 })],
  ["a 64-bit length of 65535", 1002, Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4])],
  [
    "a length with its topmost bit set",
    1002,
    Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]),
  ],
  // With a zero behind it, this byte would be the valid code 3072.
  ["a close payload of one byte", 1002, frame(CLOSE, "\f")],
  ...[0, 999, 1004, 1005, 1006, 1012, 1015, 2999, 5000, 65535].map((code): [string, number, Buffer] => [
    `close code ${code}`,
    1002,
    frame(CLOSE, closing(code)),
  ]),
  ["a close reason that is not UTF-8", 1007, frame(CLOSE, closing(1000, Buffer.from([0xc3])))],
  ["text that is not UTF-8", 1007, frame(TEXT, Buffer.from([0x61, 0xff]))],
  ["a surrogate in text", 1007, frame(TEXT, Buffer.from([0xed, 0xa0, 0x80]))],
  ["text that ends inside a character", 1007, frame(TEXT, EURO.subarray(0, 2))],
  ["fragmented text that is not UTF-8", 1007, frame(TEXT, EURO.subarray(0, 2), MORE), frame(0, "x")],
  ["a message over 16 MiB", 1009, Buffer.from([0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 1, 1, 2, 3, 4])],
  [
    "a message over all numbers",
    1009,
    Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]),
  ],
];

test.each(VIOLATIONS)("%s is closed with %i", (_what, code, ...frames) => {
  const { output, frames: answers } = talk(Buffer.concat(frames), frame(PING, "ignored"));
  expect(answers.map(show).at(-1)).toBe(`close ${code}`);
  expect(output.endCount).toBe(1);
});

test.each(VIOLATIONS)("%s is closed alike with %i when it comes byte by byte", (_what, _code, ...frames) => {
  const stream = Buffer.concat([...frames, frame(PING, "ignored")]);
  expect(talk(...bytewise(stream)).output.bytes.equals(talk(stream).output.bytes)).toBe(true);
});

test("the closing frame of a violation gives its reason as text within 125 bytes", () => {
  for (const [what, , ...frames] of VIOLATIONS) {
    const { payload } = talk(...frames).frames.at(-1)!;
    expect(payload.length, what).toBeGreaterThan(2);
    expect(payload.length, what).toBeLessThanOrEqual(125);
  }
});

test("a half-close ends the output", () => {
  const { codec, output } = open("ws");
  deliver(codec, Buffer.from(handshake()));
  deliver(codec, frame(TEXT, "cut off").subarray(0, -1));
  codec.end();
  codec.end();
  expect(output.writes.length).toBe(1);
  expect(output.endCount).toBe(1);
});

const ACCEPTED: [string, Buffer][] = [
  [
    "messages of each length form",
    Buffer.concat([1, 0, 126, 300].map((length) => frame(BINARY, Buffer.alloc(length, 5)))),
  ],
  [
    "fragments and controls",
    Buffer.concat([
      frame(TEXT, EURO.subarray(0, 1), MORE),
      frame(PING, "ping"),
      frame(0, "", MORE),
      frame(PING, ""),
      frame(0, EURO.subarray(1)),
      frame(TEXT, "next"),
    ]),
  ],
  ["a close with a reason", Buffer.concat([frame(TEXT, "last"), frame(CLOSE, closing(1001, "going"))])],
];

test.each(ACCEPTED)("%s: any cut gives the same bytes", (_name, stream) => {
  const whole = talk(stream).output.bytes;
  expect(talk(...bytewise(stream)).output.bytes.equals(whole)).toBe(true);
  for (let cut = 1; cut < stream.length; cut++) {
    const pieced = talk(stream.subarray(0, cut), stream.subarray(cut)).output.bytes;
    expect(pieced.equals(whole), `cut at ${cut}`).toBe(true);
  }
});

test("large fragmented messages in many chunks come back", () => {
  const payload = Buffer.from(Array.from({ length: 700_001 }, (_, i) => (i * 31) % 256));
  const cuts = [0, 3, 70_002, 70_003, 400_000, payload.length];
  const frames = cuts
    .slice(1)
    .map((end, i) =>
      frame(i === 0 ? BINARY : 0, payload.subarray(cuts[i], end), { final: end === payload.length }),
    );
  const { frames: answers } = talk(...pieces(Buffer.concat(frames), random(4), 50_000));
  expect(answers.length).toBe(1);
  expect(answers[0]!.payload.equals(payload)).toBe(true);
});

test("written buffers are never changed afterwards", () => {
  const stream = Buffer.concat(ACCEPTED.map(([, bytes]) => bytes));
  const { output } = talk(...pieces(stream, random(5), 40));
  for (const { original, copy } of output.writes) expect(copy.equals(original)).toBe(true);
});

function custom(handler: ConstructorParameters<typeof WebSocketCodec>[1], limitBytes?: number) {
  const output = new Recorder();
  const codec = new WebSocketCodec(output, handler, limitBytes);
  deliver(codec, Buffer.from(handshake()));
  return {
    codec,
    frames: () => serverFrames(output.bytes.subarray(output.writes[0]!.copy.length)).map(show),
  };
}

test("a message at the limit is taken", () => {
  const { codec, frames } = custom((message) => message, 5);
  deliver(codec, Buffer.concat([frame(TEXT, "123", MORE), frame(0, "45")]));
  expect(frames()).toEqual(["1:12345"]);
});

test("fragments that pass the limit together are closed with 1009", () => {
  const { codec, frames } = custom((message) => message, 5);
  deliver(codec, Buffer.concat([frame(TEXT, "123", MORE), frame(0, "456")]));
  expect(frames()).toEqual(["close 1009"]);
});

test("a handler may answer with a message of its own", () => {
  const { codec, frames } = custom((message) => ({ opcode: "text", payload: Buffer.from(message.opcode) }));
  deliver(codec, frame(BINARY, "x"));
  expect(frames()).toEqual(["1:binary"]);
});

test("a handler may answer with a large payload of its own", () => {
  const { codec, frames } = custom(() => ({ opcode: "binary", payload: Buffer.alloc(70_000, "z") }));
  deliver(codec, frame(TEXT, "x"));
  expect(frames()).toEqual([`2:${"z".repeat(70_000)}`]);
});

test("a handler may send nothing", () => {
  const { codec, frames } = custom(() => null);
  deliver(codec, frame(TEXT, "x"));
  expect(frames()).toEqual([]);
});

test("a handler may keep a payload", () => {
  const kept: Uint8Array[] = [];
  const { codec } = custom((message) => {
    kept.push(message.payload);
    return message;
  });
  deliver(codec, frame(TEXT, "first"));
  deliver(codec, frame(TEXT, "other"));
  expect(kept.map((payload) => Buffer.from(payload).toString())).toEqual(["first", "other"]);
});

test("unmasking is the same as XOR byte by byte for every length and alignment", () => {
  const next = random(6);
  for (let length = 0; length < 300; length++) {
    const at = Math.floor(next() * 8);
    const from = Math.floor(next() * 8);
    const source = Buffer.from(Array.from({ length: length + 16 }, () => next() * 256));
    const target = Buffer.alloc(length + 16);
    const mask = Buffer.from(Array.from({ length: 4 }, () => next() * 256));
    unmask(target, at, source, from, length, mask.readInt32BE(0));
    const expected = Buffer.alloc(length + 16);
    for (let i = 0; i < length; i++) expected[at + i] = source[from + i]! ^ mask[i % 4]!;
    expect(target.equals(expected), `length ${length}, from ${from} to ${at}`).toBe(true);
  }
});
