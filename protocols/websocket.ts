/** The server's side of WebSocket (RFC 6455), without extensions: one handler call per message, answers in order. */
import { isUtf8 } from "node:buffer";
import type { Codec, Output } from "./codec.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import { DEFAULT_HTTP_LIMITS } from "./http-faults.ts";
import type { Fault } from "./http-faults.ts";
import { HttpHeadReader } from "./http-head-reader.ts";
import { INCOMPLETE, REFUSED } from "./http-head.ts";
import { writeRefusal } from "./http-response.ts";
import { outgoingBuffer } from "./outgoing-buffer.ts";
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  FrameHeader,
  MOST_CLIENT_HEADER_BYTES,
  MOST_SERVER_HEADER_BYTES,
  PING,
  PONG,
  TEXT,
  isControl,
  serverHeaderBytes,
  writeServerHeader,
} from "./websocket-frames.ts";
import type { Violation } from "./websocket-frames.ts";
import { closeViolation } from "./websocket-close.ts";
import { handshakeFault, handshakeResponse } from "./websocket-handshake.ts";
import { unmask } from "./websocket-mask.ts";

interface Message {
  opcode: "text" | "binary";
  /** Valid UTF-8 when the opcode is text. A received payload is unmasked, and the handler may keep it unchanged. */
  payload: Uint8Array;
}

/** Answers a message at once; null sends no answer. Answering with the received payload costs no copy. */
export type MessageHandler = (message: Message) => Message | null;

/** The largest message in bytes, unless the caller says otherwise. */
const DEFAULT_MESSAGE_BYTES = 16 * 1024 * 1024;

/** An answer up to this size is copied behind its header, since one buffer is cheaper to send than two. */
const JOINED_BYTES = 16 * 1024;

const NOTHING_TO_CONTINUE: Violation = {
  code: 1002,
  reason: "A continuation frame came without a message to continue.",
};
const UNFINISHED_MESSAGE: Violation = {
  code: 1002,
  reason: "A new message began before the last one ended.",
};
const TOO_LARGE: Violation = { code: 1009, reason: "The message is larger than this server takes." };
const BAD_TEXT: Violation = { code: 1007, reason: "A text message is not valid UTF-8." };

export class WebSocketCodec implements Codec {
  readonly #output: Output;
  readonly #handler: MessageHandler;
  readonly #messageLimitBytes: number;
  readonly #header = new FrameHeader();
  /** A handshake belongs to its connection, and so does what follows it. */
  readonly isFresh = false;
  /** Reads the handshake and is dropped after it, since most of a connection's life has no use for it. */
  #reader: HttpHeadReader | null = new HttpHeadReader(DEFAULT_HTTP_LIMITS);
  #reading: "handshake" | "header" | "payload" | "nothing" = "handshake";
  /** The start of a frame header that was cut off by the end of a chunk. */
  #partial: Uint8Array | null = null;
  #partialBytes = 0;
  /** The opcode of the message whose fragments are arriving, or CONTINUATION when there is none. */
  #messageOpcode = CONTINUATION;
  /** What has arrived of that message, behind room for the header of an answer. */
  #message: GatheredBytes | null = null;
  /** Where the current frame's payload goes when it spans chunks, where it begins there, and what is to come. */
  #target: GatheredBytes | null = null;
  #frameStart = 0;
  #remainingBytes = 0;

  constructor(output: Output, handler: MessageHandler, messageLimitBytes: number = DEFAULT_MESSAGE_BYTES) {
    this.#output = output;
    this.#handler = handler;
    this.#messageLimitBytes = messageLimitBytes;
  }

  data(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#reading !== "nothing") {
      if (this.#reading === "header") at = this.#readHeader(chunk, at);
      else if (this.#reading === "payload") at = this.#readPayload(chunk, at);
      else at = this.#readHandshake(this.#reader!, chunk, at);
    }
  }

  end(): void {
    // A peer that stops sending without a close frame cannot finish a message, so there is nothing left to answer.
    this.#close();
  }

  #readHandshake(reader: HttpHeadReader, chunk: Uint8Array, at: number): number {
    const after = reader.read(chunk, at);
    if (after === INCOMPLETE) return chunk.length;
    const fault: Fault | null = after === REFUSED ? reader.head.fault : handshakeFault(reader.head);
    if (fault !== null) {
      writeRefusal(this.#output, fault, reader.head.method !== "HEAD");
      this.#close();
      return chunk.length;
    }
    this.#output.write(handshakeResponse(reader.head));
    this.#reader = null;
    this.#reading = "header";
    return after;
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    if (this.#partialBytes === 0) {
      const length = this.#header.parse(chunk, at, chunk.length);
      if (length > 0) return this.#beginFrame(chunk, at + length);
    }
    const partial = (this.#partial ??= new Uint8Array(MOST_CLIENT_HEADER_BYTES));
    while (at < chunk.length) {
      partial[this.#partialBytes++] = chunk[at++]!;
      if (this.#header.parse(partial, 0, this.#partialBytes) > 0) {
        this.#partialBytes = 0;
        return this.#beginFrame(chunk, at);
      }
    }
    return at;
  }

  /** Decides what to do with the frame whose header was just read and whose payload begins at `at`. */
  #beginFrame(chunk: Uint8Array, at: number): number {
    const header = this.#header;
    const violation = header.violation ?? this.#sequenceViolation();
    if (violation !== null) {
      this.#fail(violation);
      return chunk.length;
    }
    const length = header.payloadBytes;
    const control = isControl(header.opcode);
    const alone = control || (header.final && header.opcode !== CONTINUATION);
    if (alone && chunk.length - at >= length) {
      const headroom = serverHeaderBytes(length);
      const buffer = Buffer.allocUnsafe(headroom + length);
      unmask(buffer, headroom, chunk, at, length, header.mask);
      this.#deliver(header.opcode, buffer, headroom, length);
      return at + length;
    }
    if (control) {
      this.#target = new GatheredBytes(MOST_SERVER_HEADER_BYTES, length);
    } else {
      if (header.opcode !== CONTINUATION) this.#messageOpcode = header.opcode;
      this.#message ??= new GatheredBytes(MOST_SERVER_HEADER_BYTES, header.final ? length : 0);
      this.#target = this.#message;
    }
    this.#frameStart = this.#target.length;
    this.#remainingBytes = length;
    this.#reading = "payload";
    // An empty payload is complete already, though no further byte may ever come to say so.
    return length === 0 ? this.#readPayload(chunk, at) : at;
  }

  /** How the frame's header breaks the order of frames or the message limit. */
  #sequenceViolation(): Violation | null {
    const header = this.#header;
    if (isControl(header.opcode)) return null;
    const continues = header.opcode === CONTINUATION;
    if (continues !== (this.#messageOpcode !== CONTINUATION)) {
      return continues ? NOTHING_TO_CONTINUE : UNFINISHED_MESSAGE;
    }
    const gathered = this.#message === null ? 0 : this.#message.length;
    return gathered + header.payloadBytes > this.#messageLimitBytes ? TOO_LARGE : null;
  }

  /** Gathers the payload of the current frame, and unmasks it once it is whole. */
  #readPayload(chunk: Uint8Array, at: number): number {
    const target = this.#target!;
    const end = Math.min(chunk.length, at + this.#remainingBytes);
    target.append(chunk, at, end);
    this.#remainingBytes -= end - at;
    if (this.#remainingBytes > 0) return end;

    const { opcode, final, mask, payloadBytes } = this.#header;
    const start = MOST_SERVER_HEADER_BYTES + this.#frameStart;
    unmask(target.buffer, start, target.buffer, start, payloadBytes, mask);
    this.#target = null;
    this.#reading = "header";
    if (isControl(opcode)) {
      this.#deliver(opcode, target.buffer, MOST_SERVER_HEADER_BYTES, target.length);
    } else if (final) {
      const messageOpcode = this.#messageOpcode;
      this.#messageOpcode = CONTINUATION;
      this.#message = null;
      this.#deliver(messageOpcode, target.buffer, MOST_SERVER_HEADER_BYTES, target.length);
    }
    return end;
  }

  /** Acts on a whole message or control frame, whose unmasked payload is `buffer[headroom, headroom + length)`. */
  #deliver(opcode: number, buffer: Uint8Array, headroom: number, length: number): void {
    switch (opcode) {
      case PONG:
        return;
      case PING:
        this.#writeInPlace(PONG, buffer, headroom, length);
        return;
      case CLOSE:
        this.#answerClose(buffer, headroom, length);
        return;
    }
    const payload = buffer.subarray(headroom, headroom + length);
    if (opcode === TEXT && !isUtf8(payload)) {
      this.#fail(BAD_TEXT);
      return;
    }
    const answer = this.#handler({ opcode: opcode === TEXT ? "text" : "binary", payload });
    if (answer === null) return;
    const answerOpcode = answer.opcode === "text" ? TEXT : BINARY;
    if (answer.payload === payload) this.#writeInPlace(answerOpcode, buffer, headroom, length);
    else this.#writeFrame(answerOpcode, answer.payload);
  }

  /** Sends a payload that sits in a buffer of the codec by writing the header into the room before it. */
  #writeInPlace(opcode: number, buffer: Uint8Array, headroom: number, length: number): void {
    const start = headroom - serverHeaderBytes(length);
    writeServerHeader(buffer, start, opcode, length);
    const exact = start === 0 && headroom + length === buffer.length;
    this.#output.write(exact ? buffer : buffer.subarray(start, headroom + length));
  }

  #writeFrame(opcode: number, payload: Uint8Array): void {
    const headerBytes = serverHeaderBytes(payload.length);
    const joined = payload.length <= JOINED_BYTES;
    const frame = outgoingBuffer(this.#output, headerBytes + (joined ? payload.length : 0));
    writeServerHeader(frame, 0, opcode, payload.length);
    if (joined) frame.set(payload, headerBytes);
    this.#output.write(frame);
    if (!joined) this.#output.write(payload);
  }

  /** Answers a close frame with the code it carried and closes. */
  #answerClose(buffer: Uint8Array, headroom: number, length: number): void {
    const violation = closeViolation(buffer, headroom, length);
    if (violation !== null) {
      this.#fail(violation);
      return;
    }
    this.#writeInPlace(CLOSE, buffer, headroom, Math.min(length, 2));
    this.#close();
  }

  /** Sends the peer the reason in a close frame and closes; the rest of the input is ignored. */
  #fail(violation: Violation): void {
    const reason = Buffer.from(violation.reason, "latin1");
    const payload = Buffer.allocUnsafe(2 + reason.length);
    payload.writeUInt16BE(violation.code, 0);
    payload.set(reason, 2);
    this.#writeFrame(CLOSE, payload);
    this.#close();
  }

  #close(): void {
    if (this.#reading === "nothing") return;
    this.#reading = "nothing";
    this.#reader = null;
    this.#partial = null;
    this.#message = null;
    this.#target = null;
    this.#output.end();
  }
}
