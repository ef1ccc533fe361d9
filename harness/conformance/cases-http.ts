/** What HTTP/1.1 asks for beyond an echoed POST. */
import type { ConformanceCaseDefinition, ConformanceTarget } from "./case.ts";
import { Connection } from "./client-connection.ts";
import {
  encodeChunkedRequest,
  encodeHead,
  encodeRequest,
  readResponse,
  type HttpResponse,
} from "./client-http.ts";
import { patternOf, requireEqual } from "./payload.ts";

const ATTEMPTS_IN_PIECES = 10;

function httpCase(
  name: string,
  run: (connection: Connection, target: ConformanceTarget) => Promise<void>,
): ConformanceCaseDefinition {
  return {
    name,
    protocols: ["http"],
    form: "full",
    run: async (target, signal) => run(await Connection.open(target, signal), target),
  };
}

const get = httpCase("answers GET", async (connection) => {
  connection.send(encodeRequest("GET", null));
  const response = await readResponse(connection);
  requireStatus(response, 200);
  if (response.body.length === 0)
    throw new Error("Expected the answer to GET to have a body, but it is empty.");
});

const head = httpCase("answers HEAD without a body", async (connection) => {
  // The next answer on the connection shows whether a body followed the head.
  connection.send(Buffer.concat([encodeRequest("HEAD", null), encodeRequest("POST", patternOf(1, 16))]));
  const headOnly = await connection.readThrough("\r\n\r\n", 65_536, "a response head");
  if (!headOnly.toString("latin1").startsWith("HTTP/1.1 "))
    throw new Error("Expected a status line for HEAD.");
  requireEcho(await readResponse(connection), patternOf(1, 16));
});

const otherMethod = httpCase("refuses a method it does not have with 4xx or 5xx", async (connection) => {
  connection.send(encodeRequest("DELETE", null));
  requireRefusal(await readResponse(connection));
});

const keepAlive = httpCase("keeps the connection for the next request", async (connection) => {
  for (let index = 0; index < 3; index++) {
    connection.send(encodeRequest("POST", patternOf(index, 100)));
    requireEcho(await readResponse(connection), patternOf(index, 100));
  }
});

const connectionClose = httpCase(
  "closes after an answer when asked by Connection: close",
  async (connection) => {
    connection.send(encodeRequest("POST", patternOf(1, 100), ["Connection: close"]));
    requireEcho(await readResponse(connection), patternOf(1, 100));
    const rest = await connection.readToFin("the server's FIN after Connection: close");
    if (rest.length > 0) throw new Error(`Expected nothing after the answer, but ${rest.length} bytes came.`);
  },
);

const chunked = httpCase("echoes a chunked body", async (connection) => {
  const parts = [patternOf(1, 1), patternOf(2, 5000), patternOf(3, 70_000)];
  connection.send(encodeChunkedRequest(parts));
  requireEcho(await readResponse(connection), Buffer.concat(parts));
  connection.send(encodeRequest("POST", patternOf(4, 16)));
  requireEcho(await readResponse(connection), patternOf(4, 16));
});

const chunkedByteByByte = httpCase("echoes a chunked body that arrives byte by byte", async (connection) => {
  const parts = [patternOf(1, 3), patternOf(2, 40)];
  const bytes = encodeChunkedRequest(parts);
  const headBytes = bytes.indexOf("\r\n\r\n") + 4;
  connection.send(bytes.subarray(0, headBytes));
  await connection.sendByteByByte(bytes.subarray(headBytes));
  requireEcho(await readResponse(connection), Buffer.concat(parts));
});

const requestLine = httpCase("takes a request line that arrives byte by byte", async (connection) => {
  // The kernel may join pieces for a server that is not yet awake, so one request in pieces could arrive whole.
  for (let attempt = 0; attempt < ATTEMPTS_IN_PIECES; attempt++) {
    const bytes = encodeRequest("POST", patternOf(attempt, 16));
    const lineBytes = bytes.indexOf("\r\n") + 2;
    await connection.sendWithPause(bytes.subarray(0, lineBytes), "POST ".length);
    connection.send(bytes.subarray(lineBytes));
    requireEcho(await readResponse(connection), patternOf(attempt, 16));
  }
});

const expectContinue = httpCase("answers Expect: 100-continue before the body", async (connection) => {
  const body = patternOf(1, 100);
  connection.send(encodeHead("POST", [`Content-Length: ${body.length}`, "Expect: 100-continue"]));
  requireStatus(await readResponse(connection), 100);
  connection.send(body);
  requireEcho(await readResponse(connection), body);
});

const malformed = httpCase(
  "refuses a malformed request line with 4xx or 5xx and closes",
  async (connection) => {
    connection.send(Buffer.from("THIS IS NOT HTTP\r\n\r\n"));
    requireRefusal(await readResponse(connection));
    await connection.readToFin("the server's FIN after a malformed request");
  },
);

const http10 = httpCase("answers an HTTP/1.0 request and closes", async (connection) => {
  connection.send(Buffer.from("POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nechó", "latin1"));
  requireEcho(await readResponse(connection), Buffer.from("echó", "latin1"));
  await connection.readToFin("the server's FIN after an HTTP/1.0 request");
});

function requireRefusal({ status }: HttpResponse): void {
  if (status < 400 || status > 599) throw new Error(`Expected a status of 400 to 599, but ${status} came.`);
}

function requireStatus(response: HttpResponse, status: number): void {
  if (response.status !== status) throw new Error(`Expected status ${status}, but ${response.status} came.`);
}

function requireEcho(response: HttpResponse, body: Buffer): void {
  requireStatus(response, 200);
  requireEqual(response.body, body, `the echo of ${body.length} bytes`);
}

export const HTTP_CASES: readonly ConformanceCaseDefinition[] = [
  get,
  head,
  otherMethod,
  keepAlive,
  connectionClose,
  chunked,
  chunkedByteByByte,
  requestLine,
  expectContinue,
  malformed,
  http10,
];
