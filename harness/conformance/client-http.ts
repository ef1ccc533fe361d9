/** The HTTP/1.1 side of the conformance client: requests as bytes, responses parsed strictly from a connection. */
import type { Connection } from "./client-connection.ts";

const HEAD_LIMIT_BYTES = 64 * 1024;

export interface HttpResponse {
  status: number;
  /** By lower-case name; repeated fields are joined by ", ". */
  fields: ReadonlyMap<string, string>;
  body: Buffer;
}

/** A request with a Content-Length when it has a body; `fields` are further header lines. */
export function encodeRequest(
  method: string,
  body: Uint8Array | null,
  fields: readonly string[] = [],
): Buffer {
  const length = body === null ? [] : [`Content-Length: ${body.length}`];
  return Buffer.concat([encodeHead(method, [...length, ...fields]), body ?? Buffer.alloc(0)]);
}

/** A POST whose body is sent in the given chunks. */
export function encodeChunkedRequest(chunks: readonly Uint8Array[]): Buffer {
  const framed = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([
    encodeHead("POST", ["Transfer-Encoding: chunked"]),
    ...framed,
    Buffer.from("0\r\n\r\n"),
  ]);
}

export function encodeHead(method: string, fields: readonly string[]): Buffer {
  return Buffer.from([`${method} / HTTP/1.1`, "Host: conformance", ...fields, "", ""].join("\r\n"), "latin1");
}

/** Reads one response with its body. Interim (1xx) responses are returned like any other. */
export async function readResponse(connection: Connection): Promise<HttpResponse> {
  const { status, fields } = parseHead(await readHead(connection));
  if (status < 200 || status === 204 || status === 304) return { status, fields, body: Buffer.alloc(0) };
  return { status, fields, body: await readBody(connection, fields) };
}

async function readHead(connection: Connection): Promise<string> {
  const head = await connection.readThrough("\r\n\r\n", HEAD_LIMIT_BYTES, "a response head");
  return head.toString("latin1", 0, head.length - 4);
}

function parseHead(head: string): { status: number; fields: Map<string, string> } {
  const [statusLine = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) [^\r\n]*$/u.exec(statusLine)?.[1];
  if (status === undefined)
    throw new Error(`Expected a status line "HTTP/1.1 NNN reason", but "${statusLine}" came.`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/u.exec(line);
    if (match === null) throw new Error(`Expected a header line "name: value", but "${line}" came.`);
    const [, name = "", value = ""] = match;
    const before = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), fields };
}

async function readBody(connection: Connection, fields: ReadonlyMap<string, string>): Promise<Buffer> {
  const length = fields.get("content-length");
  const coding = fields.get("transfer-encoding");
  if (length !== undefined && coding !== undefined) {
    throw new Error("A response has both Content-Length and Transfer-Encoding, so its end is ambiguous.");
  }
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked")
      throw new Error(`Expected Transfer-Encoding chunked, but "${coding}" came.`);
    return readChunks(connection);
  }
  if (length === undefined) return connection.readToFin("a response body that ends with the connection");
  if (!/^\d+$/u.test(length)) throw new Error(`Expected a decimal Content-Length, but "${length}" came.`);
  return connection.read(Number(length), "a response body");
}

async function readChunks(connection: Connection): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const line = (await connection.readThrough("\r\n", HEAD_LIMIT_BYTES, "a chunk size"))
      .toString("latin1")
      .trimEnd();
    const size = /^([0-9a-fA-F]+)(?:;.*)?$/u.exec(line)?.[1];
    if (size === undefined) throw new Error(`Expected a chunk size in hexadecimal, but "${line}" came.`);
    const lengthBytes = Number.parseInt(size, 16);
    if (lengthBytes === 0) break;
    chunks.push(await connection.read(lengthBytes, "a chunk"));
    await requireLineEnd(connection);
  }
  for (;;) {
    const trailer = await connection.readThrough("\r\n", HEAD_LIMIT_BYTES, "the end of a chunked body");
    if (trailer.length === 2) return Buffer.concat(chunks);
  }
}

async function requireLineEnd(connection: Connection): Promise<void> {
  const lineEnd = await connection.read(2, "the line end after a chunk");
  if (lineEnd.toString("latin1") !== "\r\n")
    throw new Error("A chunk is longer or shorter than its size says.");
}
