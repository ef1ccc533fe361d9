/** HTTP answers that are unusual but right, and answers that are wrong. */
import { expect, test } from "vitest";

import { expectClean, expectOnly, loadAgainst } from "../../fixtures/jobs.ts";
import { httpHead, httpServer, rawHttpServer } from "./servers.ts";

const protocol = "http";

test("chunked answers are accepted", async () => {
  const server = httpServer((request, response) => request.pipe(response));
  expectClean(await loadAgainst(server, { protocol, payloadBytes: 70_000 }));
});

test("chunks with extensions and trailers are accepted, cut at every byte", async () => {
  const server = rawHttpServer((socket, body) => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-ENCODING: Chunked\r\n\r\n";
    const text = `${head}5;name=value\r\n${body.toString("latin1", 0, 5)}\r\n0B\r\n${body.toString("latin1", 5)}\r\n0\r\nX-Sum: 1\r\n\r\n`;
    for (const byte of Buffer.from(text, "latin1")) socket.write(Buffer.from([byte]));
  });
  expectClean(await loadAgainst(server, { protocol, payloadBytes: 16, pipeline: 2 }));
});

test("a head that changes between answers is read again", async () => {
  const server = rawHttpServer((socket, body, number) => {
    const name = number % 2 === 0 ? "content-length" : "CONTENT-LENGTH";
    socket.write(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nX-Number: ${number}\r\n${name}:${body.length}\r\n\r\n`),
        body,
      ]),
    );
  });
  expectClean(await loadAgainst(server, { protocol }));
});

test("a status other than 200 is malformed, and is quoted", async () => {
  const server = httpServer((_request, response) => response.writeHead(500).end());
  expectOnly(
    await loadAgainst(server, { protocol }),
    "malformed",
    /'HTTP\/1\.1 500 Internal Server Error' instead of 200/,
  );
});

test("an answer that is not HTTP is malformed", async () => {
  const server = rawHttpServer((socket) => socket.write("SMTP hello\r\n\r\n"));
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /does not start with an HTTP\/1\.1 head/);
});

test("an answer without a length is malformed", async () => {
  const server = rawHttpServer((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /neither a Content-Length nor chunks/);
});

test("a chunk size that is not hexadecimal is malformed", async () => {
  const server = rawHttpServer((socket) =>
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
  );
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /'xyz' is not a chunk size/);
});

test("a head without end is malformed", async () => {
  const server = rawHttpServer((socket) => socket.write(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(4000)}`));
  expectOnly(await loadAgainst(server, { protocol }), "malformed", /exceeds 16 KiB/);
});

test("a smaller Content-Length is short", async () => {
  const server = rawHttpServer((socket, body) =>
    socket.write(`${httpHead(body.length - 1)}${"x".repeat(63)}`),
  );
  expectOnly(
    await loadAgainst(server, { protocol }),
    "short",
    /Content-Length is 63, but 64 bytes were sent/,
  );
});

test("chunks that end too soon are short", async () => {
  const server = rawHttpServer((socket, body) =>
    socket.write(
      Buffer.concat([
        Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n"),
        body.subarray(0, 32),
        Buffer.from("\r\n0\r\n\r\n"),
      ]),
    ),
  );
  expectOnly(await loadAgainst(server, { protocol }), "short", /the answer has 32 of 64 bytes/);
});

test("a larger Content-Length is corrupt", async () => {
  const server = rawHttpServer((socket, body) => socket.write(httpHead(body.length + 1)));
  expectOnly(
    await loadAgainst(server, { protocol }),
    "corrupt",
    /Content-Length is 65, but 64 bytes were sent/,
  );
});

test("a wrong byte in a body is corrupt", async () => {
  const server = rawHttpServer((socket, body, number) => {
    if (number === 3) body[63] = (body[63] ?? 0) ^ 1;
    socket.write(Buffer.concat([Buffer.from(httpHead(body.length)), body]));
  });
  expectOnly(
    await loadAgainst(server, { protocol, durationSeconds: 20 }),
    "corrupt",
    /message 3: bit 0 of byte 63 of 64 is flipped/,
  );
});

test("bytes after the last answer are corrupt", async () => {
  const server = rawHttpServer((socket, body) =>
    socket.write(
      Buffer.concat([Buffer.from(httpHead(body.length)), body, Buffer.from("HTTP/1.1 200 OK\r\n")]),
    ),
  );
  expectOnly(
    await loadAgainst(server, { protocol }),
    "corrupt",
    /17 bytes arrived though every request had been answered/,
  );
});

test("a server that ends the connection after each answer is closed early", async () => {
  const server = httpServer((request, response) => {
    response.setHeader("connection", "close");
    request.pipe(response);
  });
  expectOnly(await loadAgainst(server, { protocol }), "closedEarly", /Connection: close/);
});

test("churn accepts a server that ends the connection after its answer", async () => {
  const server = httpServer((request, response) => {
    response.setHeader("connection", "close");
    request.pipe(response);
  });
  expectClean(await loadAgainst(server, { protocol, loop: "churn" }));
});

test("requests name the path and the host", async () => {
  const seen = new Set<string>();
  const server = httpServer((request, response) => {
    seen.add(`${request.method} ${request.url} ${request.headers.host?.split(":")[0]}`);
    request.pipe(response);
  });
  expectClean(await loadAgainst(server, { protocol, path: "/mirror?x=1" }));
  expect([...seen]).toEqual(["POST /mirror?x=1 127.0.0.1"]);
});
