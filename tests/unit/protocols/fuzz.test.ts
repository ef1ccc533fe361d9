/** Garbage from a fixed seed: no codec throws, and each either waits, answers, or ends with a well-formed refusal. */
import { expect, test } from "vitest";
import { Recorder, deliver, open, pieces, random } from "./driver.ts";
import { ACCEPTED, responses } from "./http-streams.ts";
import { BINARY, PING, TEXT, closing, frame, handshake, serverFrames, talk } from "./ws-streams.ts";

const ROUNDS = 3000;

/** Changes, drops, doubles or inserts a few bytes. */
function damage(stream: Uint8Array, next: () => number): Buffer {
  const bytes = [...stream];
  const likely = [0x0d, 0x0a, 0x20, 0x3a, 0x00, 0x2c, 0x3b, 0x30, 0x66, 0xff];
  for (let count = 1 + next() * 3; count > 0; count--) {
    const at = Math.floor(next() * bytes.length);
    const byte = next() < 0.5 ? likely[Math.floor(next() * likely.length)]! : Math.floor(next() * 256);
    const kind = next();
    if (kind < 0.4) bytes[at] = byte;
    else if (kind < 0.6) bytes.splice(at, 1 + Math.floor(next() * 4));
    else if (kind < 0.8) bytes.splice(at, 0, byte);
    else bytes.splice(at, 0, ...bytes.slice(at, at + 8));
  }
  return Buffer.from(bytes);
}

function noise(next: () => number): Buffer {
  return Buffer.from(Array.from({ length: 1 + Math.floor(next() * 200) }, () => next() * 256));
}

/** The last response ends the connection if and only if it says so, and nothing is written after the end. */
function expectSoundHttp(output: Recorder, context: string): void {
  expect(output.writesAfterEnd, context).toBe(0);
  expect(output.endCount, context).toBeLessThanOrEqual(1);
  const closes = output.text.lastIndexOf("Connection: close\r\n") >= 0;
  expect(output.endCount === 1, context).toBe(closes);
}

test("damaged HTTP requests are answered, awaited or refused, however they are cut", () => {
  const next = random(20261122);
  const streams = Object.values(ACCEPTED).filter((text) => !text.startsWith("HEAD"));
  for (let round = 0; round < ROUNDS; round++) {
    const stream = damage(Buffer.from(streams[round % streams.length]!, "latin1"), next);
    const { codec, output } = open("http");
    for (const piece of pieces(stream, next, 60)) deliver(codec, piece);
    const context = JSON.stringify(stream.toString("latin1"));
    expectSoundHttp(output, context);
    if (!stream.includes("HEAD ")) {
      for (const { status } of responses(output.bytes)) {
        expect([100, 200, 400, 405, 413, 414, 417, 431, 501, 505], context).toContain(status);
      }
    }
    codec.end();
    expect(output.endCount, context).toBe(1);
  }
});

test("noise ends an HTTP connection with a refusal or waits for more", () => {
  const next = random(2);
  for (let round = 0; round < ROUNDS; round++) {
    const { codec, output } = open("http");
    const bytes = noise(next);
    for (const piece of pieces(bytes, next, 300)) deliver(codec, piece);
    expectSoundHttp(output, bytes.toString("hex"));
  }
});

test("noise that never ends is refused in the end", () => {
  const next = random(3);
  for (let round = 0; round < 20; round++) {
    const { codec, output } = open("http");
    for (let fed = 0; fed <= 16 * 1024; fed += 200) {
      deliver(codec, Buffer.from(Array.from({ length: 200 }, () => 0x21 + next() * 90)));
    }
    expect(output.endCount).toBe(1);
    expect(responses(output.bytes)[0]!.status).toBeGreaterThanOrEqual(400);
  }
});

test("damaged WebSocket frames are answered, awaited or closed, however they are cut", () => {
  const next = random(4);
  const stream = Buffer.concat([
    frame(TEXT, "grüß", { final: false }),
    frame(PING, "ping"),
    frame(0, "€"),
    frame(BINARY, Buffer.alloc(130, 9)),
    frame(8, closing(1000, "bye")),
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    const damaged = damage(stream, next);
    const { output } = talk(...pieces(damaged, next, 40));
    const frames = serverFrames(output.bytes.subarray(output.writes[0]!.copy.length));
    const closed = frames.at(-1)?.opcode === 8;
    expect(output.endCount === 1, damaged.toString("hex")).toBe(closed);
    expect(output.writesAfterEnd, damaged.toString("hex")).toBe(0);
  }
});

test("noise after the handshake is awaited or closed", () => {
  const next = random(5);
  for (let round = 0; round < ROUNDS; round++) {
    const { output, frames } = talk(...pieces(noise(next), next, 100));
    expect(output.endCount === 1).toBe(frames.at(-1)?.opcode === 8);
  }
});

test("damaged handshakes are taken, awaited or refused", () => {
  const next = random(6);
  for (let round = 0; round < ROUNDS; round++) {
    const stream = damage(Buffer.from(handshake()), next);
    const { codec, output } = open("ws");
    for (const piece of pieces(stream, next, 80)) deliver(codec, piece);
    expect(output.writesAfterEnd).toBe(0);
    if (output.writes.length > 0) {
      const refused = !output.text.startsWith("HTTP/1.1 101 ");
      if (refused) expect(output.endCount, stream.toString("latin1")).toBe(1);
    }
  }
});
