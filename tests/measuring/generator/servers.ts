/** Servers for the load generator's tests: honest ones, and the pieces that dishonest ones are made of. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { WebSocketServer, type WebSocket } from "ws";

export interface TestServer {
  port: number;
  close(): Promise<void>;
}

async function started(server: Server, sockets: Set<Socket>): Promise<TestServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function track(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // The generator resets connections on purpose; what matters is what it observed.
    socket.on("error", () => socket.destroy());
  });
  return sockets;
}

/** A TCP server that gives every connection to `serve`, numbered from 0. */
export async function tcpServer(serve: (socket: Socket, number: number) => void): Promise<TestServer> {
  const server = createServer({ noDelay: true });
  const sockets = track(server);
  let accepted = 0;
  server.on("connection", (socket: Socket) => serve(socket, accepted++));
  return started(server, sockets);
}

export function tcpEchoServer(): Promise<TestServer> {
  return tcpServer((socket) => socket.pipe(socket));
}

/** A TCP server that calls `answer` with each whole message, numbered from 0 on its connection. */
export function messageServer(
  payloadBytes: number,
  answer: (socket: Socket, message: Buffer, number: number) => void,
): Promise<TestServer> {
  return tcpServer((socket) => {
    let pending: Buffer = Buffer.alloc(0);
    let number = 0;
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= payloadBytes) {
        const message = Buffer.from(pending.subarray(0, payloadBytes));
        pending = pending.subarray(payloadBytes);
        answer(socket, message, number++);
      }
    });
  });
}

export async function httpServer(listener: RequestListener): Promise<TestServer> {
  const server = createHttpServer(listener);
  return started(server, track(server));
}

export function httpEchoServer(): Promise<TestServer> {
  return httpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, { "content-length": body.length }).end(body);
    });
  });
}

/** A server that reads HTTP requests but leaves every byte of the response to `answer`. */
export function rawHttpServer(
  answer: (socket: Socket, body: Buffer, number: number) => void,
): Promise<TestServer> {
  return tcpServer((socket) => {
    let pending: Buffer = Buffer.alloc(0);
    let number = 0;
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const headEnd = pending.indexOf("\r\n\r\n");
        if (headEnd < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending.toString("latin1", 0, headEnd))?.[1]);
        const end = headEnd + 4 + length;
        if (pending.length < end) return;
        const body = Buffer.from(pending.subarray(headEnd + 4, end));
        pending = pending.subarray(end);
        answer(socket, body, number++);
      }
    });
  });
}

export function httpHead(length: number): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
}

/** A `ws` server that gives every connection to `serve`. */
export async function wsServer(serve: (socket: WebSocket) => void): Promise<TestServer> {
  const server = createHttpServer();
  const sockets = track(server);
  new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    serve(socket);
  });
  return started(server, sockets);
}

export function wsEchoServer(): Promise<TestServer> {
  return wsServer((socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
}

export interface ClientFrame {
  opcode: number;
  mask: Buffer;
  payload: Buffer;
}

/** The first whole frame in `bytes` and what follows it, or null. Throws when the client did not mask it. */
function parseClientFrame(bytes: Buffer): { frame: ClientFrame; rest: Buffer } | null {
  if (bytes.length < 14) return null;
  if ((bytes.readUInt8(1) & 0x80) === 0) throw new Error("The client sent a frame without a mask.");
  let length = bytes.readUInt8(1) & 0x7f;
  let at = 2;
  if (length === 126) {
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (bytes.length < at + 4 + length) return null;
  const mask = Buffer.from(bytes.subarray(at, at + 4));
  const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
  for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return {
    frame: { opcode: bytes.readUInt8(0) & 0x0f, mask, payload },
    rest: bytes.subarray(at + 4 + length),
  };
}

function acceptOf(request: string): string {
  const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A server that reads the handshake and the frames, but leaves every byte of the answers to the callbacks. */
export function rawWsServer(
  answer: (socket: Socket, frame: ClientFrame, number: number) => void,
  accept: (request: string) => string = acceptOf,
): Promise<TestServer> {
  return tcpServer((socket) => {
    let pending: Buffer = Buffer.alloc(0);
    let upgraded = false;
    let number = 0;
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      if (!upgraded) {
        const end = pending.indexOf("\r\n\r\n");
        if (end < 0) return;
        const request = pending.toString("latin1", 0, end);
        pending = pending.subarray(end + 4);
        upgraded = true;
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUPGRADE: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ${accept(request)}\r\n\r\n`,
        );
      }
      for (let next = parseClientFrame(pending); next !== null; next = parseClientFrame(pending)) {
        pending = next.rest;
        answer(socket, next.frame, number++);
      }
    });
  });
}

/** An unmasked frame with a payload of at most 65535 bytes. */
export function serverFrame(opcode: number, payload: Buffer, final = true): Buffer {
  const first = (final ? 0x80 : 0) | opcode;
  if (payload.length < 126) return Buffer.concat([Buffer.from([first, payload.length]), payload]);
  return Buffer.concat([Buffer.from([first, 126, payload.length >> 8, payload.length & 0xff]), payload]);
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = await tcpEchoServer();
  await server.close();
  return server.port;
}
