/** HTTP servers that are wrong on purpose, each in one way. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:net";

/** A right echo on node:http, but for what `answer` does. */
function nodeHttp(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): () => Server {
  return () =>
    createHttpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => answer(request, response, Buffer.concat(chunks)));
    });
}

/** Takes whole requests with Content-Length from each segment; `answer` turns their bodies into bytes to send. */
function raw(answer: (bodies: Buffer[]) => Buffer[]): () => Server {
  return () =>
    createServer((socket) => {
      let pending = Buffer.alloc(0);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        const bodies: Buffer[] = [];
        for (;;) {
          const head = pending.indexOf("\r\n\r\n") + 4;
          const length = Number(/Content-Length: (\d+)/u.exec(pending.toString("latin1", 0, head))?.[1] ?? 0);
          if (head < 4 || pending.length < head + length) break;
          bodies.push(pending.subarray(head, head + length));
          pending = pending.subarray(head + length);
        }
        if (bodies.length > 0) socket.write(Buffer.concat(answer(bodies)));
      });
    });
}

function response(body: Buffer, fields: string): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`), body]);
}

function withLength(body: Buffer, lengthBytes = body.length): Buffer {
  return response(body, `Content-Length: ${lengthBytes}`);
}

export const rightEcho = nodeHttp((_request, response, body) => response.end(body));

export const refusesPost = nodeHttp((_request, response) => response.writeHead(500).end());

export const answersGetWith404 = nodeHttp((_request, response) => response.writeHead(404).end());

export const answersEveryMethod = nodeHttp((_request, response, body) => response.end(body));

export const closesAfterEveryAnswer = nodeHttp((_request, response, body) => {
  response.setHeader("Connection", "close");
  response.end(body);
});

export const ignoresChunkedBodies = nodeHttp((request, response, body) => {
  response.end(request.headers["transfer-encoding"] === undefined ? body : "");
});

export const holdsBackContinue = (): Server =>
  createHttpServer().on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    request.pipe(response);
  });

export const answersInReverse = raw((bodies) => bodies.map((body) => withLength(body)).toReversed());

export const saysOneByteTooMany = raw((bodies) => bodies.map((body) => withLength(body, body.length + 1)));

export const saysTwoLengths = raw((bodies) =>
  bodies.map((body) => response(body, `Content-Length: ${body.length}\r\nTransfer-Encoding: chunked`)),
);

export const miscountsChunks = raw((bodies) =>
  bodies.map((body) =>
    response(
      Buffer.concat([Buffer.from("2\r\n"), body, Buffer.from("\r\n0\r\n\r\n")]),
      "Transfer-Encoding: chunked",
    ),
  ),
);

export const ignoresConnectionClose = raw((bodies) => bodies.map((body) => withLength(body)));

export const sendsABodyForHead = raw((bodies) =>
  bodies.map((body) => withLength(Buffer.concat([body, Buffer.from("x")]))),
);

export const breaksOffTheStatusLine = raw((bodies) => bodies.map(() => Buffer.from("HTTP/1.1 OK\r\n\r\n")));
