/** Writes HTTP/1.1 responses, with `Date` and `Content-Length`, as few buffers as is cheap. */
import type { Output } from "./codec.ts";
import type { Fault } from "./http-faults.ts";
import { outgoingBuffer } from "./outgoing-buffer.ts";
import { CLASS, CR, FIELD_VALUE, LF, TOKEN, ascii } from "./http-syntax.ts";

const REASONS = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
} as const;

/** The statuses a handler may answer with; all of them carry content. */
export type Status = keyof typeof REASONS;

/** A body up to this size is copied behind its head, since one buffer is cheaper to send than two. */
const JOINED_BYTES = 16 * 1024;

/** The fields that the codec writes itself, so that a handler cannot contradict it. */
const OWN_FIELDS = new Set(["connection", "content-length", "date", "transfer-encoding", "upgrade"]);

/** Response header fields, checked and written out once, to be used for any number of responses. */
export class ResponseHeaders {
  /** The header lines, each ended by CR LF. */
  readonly #lines: string;
  #prefix: Uint8Array = new Uint8Array(0);
  #prefixStatus: Status = 500;
  #prefixConnection = "";
  #prefixSecond = -1;

  /** Throws a RangeError when a name or a value is not allowed in a header, or when the codec writes the field itself. */
  constructor(fields: Readonly<Record<string, string>>) {
    let lines = "";
    for (const [name, value] of Object.entries(fields)) {
      if (OWN_FIELDS.has(name.toLowerCase())) {
        throw new RangeError(`The codec writes the header field ${name} itself; leave it out.`);
      }
      if (name === "" || !isMadeOf(name, TOKEN) || !isMadeOf(value, FIELD_VALUE)) {
        throw new RangeError(`"${name}: ${value}" is no HTTP header field; remove the forbidden characters.`);
      }
      lines += `${name}: ${value}\r\n`;
    }
    this.#lines = lines;
  }

  /**
   * The head of a response as far as the value of Content-Length, which comes last. It depends on the status, the
   * `connection` line and the second, but on no request, so the latest one is kept.
   */
  prefix(status: Status, connection: string): Uint8Array {
    const second = Math.floor(Date.now() / 1000);
    if (
      second !== this.#prefixSecond ||
      status !== this.#prefixStatus ||
      connection !== this.#prefixConnection
    ) {
      this.#prefix = ascii(headPrefix(status, second, this.#lines + connection));
      this.#prefixStatus = status;
      this.#prefixConnection = connection;
      this.#prefixSecond = second;
    }
    return this.#prefix;
  }
}

function isMadeOf(text: string, byteClass: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || (CLASS[code]! & byteClass) === 0) return false;
  }
  return true;
}

export interface HttpResponse {
  status: Status;
  headers?: ResponseHeaders;
  body: Uint8Array;
}

const NO_HEADERS = new ResponseHeaders({});

/** `Connection` lines by what happens to the connection after the response. */
export const CONNECTION_DEFAULT = "";
export const CONNECTION_CLOSE = "Connection: close\r\n";
export const CONNECTION_KEEP_ALIVE = "Connection: keep-alive\r\n";

/** Writes one response; `withBody` is false for the answer to HEAD, which only announces its body. */
export function writeResponse(
  output: Output,
  response: HttpResponse,
  connection: string,
  withBody: boolean,
): void {
  const body = response.body;
  const prefix = (response.headers ?? NO_HEADERS).prefix(response.status, connection);
  const joined = withBody && body.length <= JOINED_BYTES;
  const digits = decimalDigits(body.length);
  const headBytes = prefix.length + digits + 4;
  const buffer = outgoingBuffer(output, joined ? headBytes + body.length : headBytes);
  buffer.set(prefix, 0);
  for (let at = prefix.length + digits - 1, rest = body.length; at >= prefix.length; at--) {
    buffer[at] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  buffer[headBytes - 4] = CR;
  buffer[headBytes - 3] = LF;
  buffer[headBytes - 2] = CR;
  buffer[headBytes - 1] = LF;
  if (joined) buffer.set(body, headBytes);
  output.write(buffer);
  if (withBody && !joined) output.write(body);
}

/** Writes the response that refuses a request and announces the end of the connection. */
export function writeRefusal(output: Output, fault: Fault, withBody: boolean): void {
  const sentence = `${fault.sentence}\n`;
  const lines = `Content-Type: text/plain\r\n${fault.lines ?? ""}${CONNECTION_CLOSE}`;
  const prefix = headPrefix(fault.status, Math.floor(Date.now() / 1000), lines);
  output.write(ascii(`${prefix}${sentence.length}\r\n\r\n${withBody ? sentence : ""}`));
}

function headPrefix(status: Status, second: number, lines: string): string {
  const date = new Date(second * 1000).toUTCString();
  return `HTTP/1.1 ${status} ${REASONS[status]}\r\nDate: ${date}\r\n${lines}Content-Length: `;
}

function decimalDigits(count: number): number {
  let digits = 1;
  for (let limit = 10; count >= limit; limit *= 10) digits++;
  return digits;
}
