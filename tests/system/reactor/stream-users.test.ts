/** What the rest of Node.js puts on a stream of the reactor: HTTP, Express, Fastify, undici, WebSockets and TLS. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { promisify } from "node:util";
import express from "express";
import fastify from "fastify";
import { Client, request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { SocketStream } from "../../../reactor/index.ts";
import { makeCertificates, type Certificates } from "./certificates.ts";
import { runnableNames } from "./kinds.ts";
import { dialled, withStreams } from "./streams.ts";

const LARGE_BYTES = 8 * 1024 * 1024;
const REQUESTS = 200;

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates?.remove());

describe.each(runnableNames)("%s", (multiplexer) => {
  test("http.Server answers requests with large bodies, and keeps the connection", async () => {
    const http = createHttpServer((asked, response) => asked.pipe(response));
    await withStreams(
      multiplexer,
      (stream) => http.emit("connection", stream),
      async (port, server) => {
        const client = new Client(`http://127.0.0.1:${port}`);
        const body = Buffer.alloc(LARGE_BYTES, "0123456789");
        for (let i = 0; i < 3; i++) {
          const answer = await client.request({ path: "/", method: "POST", body });
          expect(Buffer.from(await answer.body.arrayBuffer()).equals(body)).toBe(true);
        }
        expect(server.counters().accepts).toBe(1);
        await client.close();
      },
    );
  });

  test("an Express application runs unchanged", async () => {
    const application = express();
    application.get("/hello/:name", (asked, response) => void response.json({ hello: asked.params.name }));
    const http = createHttpServer(application);
    await withStreams(
      multiplexer,
      (stream) => http.emit("connection", stream),
      async (port) => {
        for (let i = 0; i < REQUESTS; i++) {
          const { body } = await request(`http://127.0.0.1:${port}/hello/${i}`);
          expect(await body.json()).toEqual({ hello: String(i) });
        }
      },
    );
  });

  test("a Fastify application runs unchanged", async () => {
    const application = fastify({ serverFactory: (handler) => createHttpServer(handler) });
    application.get<{ Params: { name: string } }>("/hello/:name", (asked) => ({ hello: asked.params.name }));
    await application.ready();
    await withStreams(
      multiplexer,
      (stream) => application.server.emit("connection", stream),
      async (port) => {
        for (let i = 0; i < REQUESTS; i++) {
          const { body } = await request(`http://127.0.0.1:${port}/hello/${i}`);
          expect(await body.json()).toEqual({ hello: String(i) });
        }
      },
    );
    await application.close();
  });

  test("undici asks through it as a client", async () => {
    const http = createHttpServer((asked, response) => asked.pipe(response)).listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as { port: number };
    const client = new Client(`http://127.0.0.1:${port}`, {
      connect: async (_options: unknown, callback: (error: null, socket: SocketStream) => void) =>
        callback(null, await dialled(multiplexer, port)),
    } as ConstructorParameters<typeof Client>[1]);
    try {
      for (let i = 0; i < 20; i++) {
        const { body } = await client.request({ path: "/", method: "POST", body: `number ${i}` });
        expect(await body.text()).toBe(`number ${i}`);
      }
    } finally {
      await client.destroy();
      http.close();
    }
  });

  test("ws serves WebSockets through an upgrade", async () => {
    const http = createHttpServer();
    new WebSocketServer({ server: http }).on("connection", (socket) =>
      socket.on("message", (message: Buffer) => socket.send(message)),
    );
    await withStreams(
      multiplexer,
      (stream) => http.emit("connection", stream),
      async (port) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`);
        await once(socket, "open");
        const message = Buffer.alloc(100_000, "w");
        socket.send(message);
        const [answer] = (await once(socket, "message")) as [Buffer];
        expect(answer.equals(message)).toBe(true);
        socket.close();
        await once(socket, "close");
      },
    );
  });

  test("curl verifies the chain of a TLS server", async () => {
    const tls = createTlsServer({ cert: certificates.chain, key: certificates.key }, (secure) => {
      secure.once("data", () => secure.end("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"));
    });
    await withStreams(
      multiplexer,
      (stream) => tls.emit("connection", stream),
      async (port) => {
        const curl = promisify(execFile);
        const url = `https://localhost:${port}/`;
        const resolved = ["--resolve", `localhost:${port}:127.0.0.1`];
        const { stdout } = await curl("curl", ["-sS", "--cacert", certificates.rootFile, ...resolved, url]);
        expect(stdout).toBe("secret");
        await expect(curl("curl", ["-sS", ...resolved, url])).rejects.toThrow("certificate");
      },
    );
  });

  test("TLS on both ends agrees on a name and a protocol", async () => {
    const names: unknown[] = [];
    const tls = createTlsServer(
      {
        ...{ cert: certificates.chain, key: certificates.key, ALPNProtocols: ["readymark", "http/1.1"] },
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
      (secure) => secure.pipe(secure),
    );
    await withStreams(
      multiplexer,
      (stream) => tls.emit("connection", stream),
      async (port) => {
        const socket = await dialled(multiplexer, port);
        const secure = connectTls({
          ...{ socket, servername: "other.test", ca: certificates.root, ALPNProtocols: ["readymark"] },
        });
        await once(secure, "secureConnect");
        expect(secure).toMatchObject({ authorized: true, alpnProtocol: "readymark" });
        const sent = Buffer.alloc(300_000, "tls");
        secure.write(sent);
        const echo: Buffer[] = [];
        for await (const chunk of secure) {
          echo.push(chunk as Buffer);
          if (Buffer.concat(echo).length === sent.length) break;
        }
        expect(Buffer.concat(echo).equals(sent)).toBe(true);
        expect(names).toEqual(["other.test"]);
      },
    );
  });
});
