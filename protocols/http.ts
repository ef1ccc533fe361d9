/** The server's side of HTTP/1.1 (RFC 9110, RFC 9112): bytes in, one handler call per request, bytes out in order. */
import type { Codec, Output } from "./codec.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import { ChunkedBody } from "./http-chunked.ts";
import { BODY_TOO_LARGE, DEFAULT_HTTP_LIMITS } from "./http-faults.ts";
import type { Fault, HttpLimits } from "./http-faults.ts";
import { HttpHeadReader } from "./http-head-reader.ts";
import { INCOMPLETE, REFUSED } from "./http-head.ts";
import type { HttpHead } from "./http-head.ts";
import {
  CONNECTION_CLOSE,
  CONNECTION_DEFAULT,
  CONNECTION_KEEP_ALIVE,
  writeRefusal,
  writeResponse,
} from "./http-response.ts";
import type { HttpResponse } from "./http-response.ts";
import { ascii } from "./http-syntax.ts";

/** A whole request. It and its body are valid only during the handler's call: a handler copies whatever it keeps. */
export class HttpRequest {
  readonly #head: HttpHead;
  /** The body without its framing; empty when there was none. */
  readonly body: Uint8Array;

  constructor(head: HttpHead, body: Uint8Array) {
    this.#head = head;
    this.body = body;
  }

  get method(): string {
    return this.#head.method;
  }

  /** The request target as it was sent. */
  get target(): string {
    return this.#head.target;
  }

  /** Fields by lower-case name; lines of the same name are joined by a comma and a space. */
  get headers(): { get(lowerCaseName: string): string | undefined } {
    return this.#head;
  }
}

/** Answers a request at once. The body of the answer may be the body of the request. */
export type HttpHandler = (request: HttpRequest) => HttpResponse;

const EMPTY = new Uint8Array(0);

export class HttpCodec implements Codec {
  readonly #output: Output;
  readonly #handler: HttpHandler;
  readonly #limits: HttpLimits;
  readonly #reader: HttpHeadReader;
  #reading: "head" | "sized body" | "chunked body" | "nothing" = "head";
  #sizedBody: GatheredBytes | null = null;
  #chunkedBody: ChunkedBody | null = null;

  /** `limits` replaces some of `DEFAULT_HTTP_LIMITS`. */
  constructor(output: Output, handler: HttpHandler, limits: Partial<HttpLimits> = {}) {
    this.#output = output;
    this.#handler = handler;
    this.#limits = { ...DEFAULT_HTTP_LIMITS, ...limits };
    this.#reader = new HttpHeadReader(this.#limits);
  }

  /** Between two requests; never after the last one. */
  get isFresh(): boolean {
    return this.#reading === "head" && this.#reader.isEmpty;
  }

  data(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#reading !== "nothing") {
      if (this.#reading === "head") at = this.#readHead(chunk, at);
      else if (this.#reading === "sized body") at = this.#readSizedBody(chunk, at);
      else at = this.#readChunkedBody(chunk, at);
    }
  }

  end(): void {
    // Every whole request has been answered already, and a truncated one gets no answer.
    this.#close();
  }

  #readHead(chunk: Uint8Array, at: number): number {
    const after = this.#reader.read(chunk, at);
    const head = this.#reader.head;
    if (after === INCOMPLETE) return chunk.length;
    if (after === REFUSED) return this.#refuse(head.fault, chunk);
    const length = head.contentLength;
    if (length > this.#limits.bodyBytes) return this.#refuse(BODY_TOO_LARGE, chunk);
    if (!head.chunked) {
      if (length <= 0) {
        this.#answer(EMPTY);
        return after;
      }
      if (chunk.length - after >= length) {
        this.#answer(chunk.subarray(after, after + length));
        return after + length;
      }
    }
    if (head.expectsContinue && after === chunk.length) {
      this.#output.write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    this.#reader.keep(chunk);
    if (head.chunked) {
      this.#chunkedBody = new ChunkedBody(this.#limits);
      this.#reading = "chunked body";
    } else {
      this.#sizedBody = new GatheredBytes(0, length);
      this.#reading = "sized body";
    }
    return after;
  }

  #readSizedBody(chunk: Uint8Array, at: number): number {
    const body = this.#sizedBody!;
    const length = this.#reader.head.contentLength;
    const end = Math.min(chunk.length, at + length - body.length);
    body.append(chunk, at, end);
    if (body.length === length) {
      this.#sizedBody = null;
      this.#answer(body.bytes);
    }
    return end;
  }

  #readChunkedBody(chunk: Uint8Array, at: number): number {
    const body = this.#chunkedBody!;
    const after = body.read(chunk, at);
    if (after === INCOMPLETE) return chunk.length;
    if (after === REFUSED) return this.#refuse(body.fault, chunk);
    this.#chunkedBody = null;
    this.#answer(body.bytes);
    return after;
  }

  #answer(body: Uint8Array): void {
    const head = this.#reader.head;
    const response = this.#handler(new HttpRequest(head, body));
    const connection = !head.keepsAlive
      ? CONNECTION_CLOSE
      : head.minorVersion === 0
        ? CONNECTION_KEEP_ALIVE
        : CONNECTION_DEFAULT;
    writeResponse(this.#output, response, connection, head.method !== "HEAD");
    if (head.keepsAlive) {
      this.#reader.reset();
      this.#reading = "head";
    } else {
      this.#close();
    }
  }

  /** Answers with an error and closes; the rest of the input is ignored. */
  #refuse(fault: Fault, chunk: Uint8Array): number {
    writeRefusal(this.#output, fault, this.#reader.head.method !== "HEAD");
    this.#close();
    return chunk.length;
  }

  #close(): void {
    if (this.#reading === "nothing") return;
    this.#reading = "nothing";
    this.#sizedBody = null;
    this.#chunkedBody = null;
    this.#output.end();
  }
}
