/** Drives a codec as a strict transport would, and records what it writes. */
import { createEchoCodec } from "../../../protocols/echo.ts";
import type { Codec, Output } from "../../../protocols/codec.ts";

/** An output that copies every write at once and remembers the original, to show later changes to it. */
export class Recorder implements Output {
  readonly takesAtOnce: boolean;
  readonly writes: { original: Uint8Array; copy: Buffer }[] = [];
  endCount = 0;
  writesAfterEnd = 0;

  constructor(takesAtOnce = false) {
    this.takesAtOnce = takesAtOnce;
  }

  write(bytes: Uint8Array): void {
    if (this.endCount > 0) this.writesAfterEnd++;
    this.writes.push({ original: bytes, copy: Buffer.from(bytes) });
  }

  end(): void {
    this.endCount++;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes.map((write) => write.copy));
  }

  /** All output as one character per byte, with the value of each Date field blanked. */
  get text(): string {
    return withoutDates(this.bytes);
  }
}

function withoutDates(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replaceAll(/\r\nDate: [^\r]*/g, "\r\nDate: now");
}

/** Delivers a chunk as a view that is overwritten after the call, so that a codec that keeps a view is caught. */
export function deliver(codec: Codec, bytes: Uint8Array): void {
  const slab = Buffer.alloc(bytes.length + 5, 0xee);
  slab.set(bytes, 3);
  codec.data(slab.subarray(3, 3 + bytes.length));
  slab.fill(0xee);
}

export function open(protocol: "tcp" | "http" | "ws"): { codec: Codec; output: Recorder } {
  const output = new Recorder();
  return { codec: createEchoCodec(protocol, output), output };
}

/** Feeds chunks to a fresh echo codec and returns what it wrote. */
export function run(protocol: "tcp" | "http" | "ws", ...chunks: (Uint8Array | string)[]): Recorder {
  const { codec, output } = open(protocol);
  for (const chunk of chunks) {
    deliver(codec, typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
  }
  return output;
}

/** The stream cut into single bytes. */
export function bytewise(stream: Uint8Array): Uint8Array[] {
  return Array.from(stream, (byte) => Uint8Array.of(byte));
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Cuts a stream at random places into pieces of up to `mostBytes`. */
export function pieces(stream: Uint8Array, next: () => number, mostBytes: number): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const end = Math.min(stream.length, at + 1 + Math.floor(next() * mostBytes));
    cut.push(stream.subarray(at, end));
    at = end;
  }
  return cut;
}
