/** A connection as a stream of Node.js: by itself, and under what the rest of Node.js puts on it. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect as connectPlain } from "node:net";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { promisify } from "node:util";
import express from "express";
import fastify from "fastify";
import { Client, request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { connect, duplex, listen, type Server, type SocketStream } from "../../../reactor/index.ts";
import { makeCertificates, type Certificates } from "./certificates.ts";
import { connected, exchange, read } from "./clients.ts";
import { runnableNames } from "./kinds.ts";

const LARGE_BYTES = 8 * 1024 * 1024;
const REQUESTS = 200;

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates?.remove());

/** A server whose connections are streams; closes it after the test. */
async function withStreams(
  multiplexer: string,
  onStream: (stream: SocketStream) => void,
  use: (port: number, server: Server) => Promise<void>,
  options: { allowHalfOpen?: boolean } = {},
): Promise<void> {
  const server = await listen({
    multiplexer,
    socket: {
      open: (socket) => {
        const stream = duplex(socket, options);
        stream.on("error", () => undefined);
        onStream(stream);
      },
    },
  });
  try {
    await use(server.port, server);
  } finally {
    await server.terminate();
  }
}

/** An outgoing connection on the reactor, as a stream. */
async function dialled(
  multiplexer: string,
  port: number,
  options: { allowHalfOpen?: boolean } = {},
): Promise<SocketStream> {
  return duplex(await connect({ multiplexer, port, socket: {} }), options);
}

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

  test("pipeline waits for a reader that is slow, and loses nothing", async () => {
    const block = Buffer.alloc(64 * 1024, "pipeline");
    let produced = 0;
    function* blocks(): Generator<Buffer> {
      for (; produced < LARGE_BYTES; produced += block.length) yield block;
    }
    const written = Promise.withResolvers<void>();
    await withStreams(
      multiplexer,
      (stream) => void pipeline(Readable.from(blocks()), stream).then(written.resolve, written.reject),
      async (port) => {
        const client = connectPlain(port, "127.0.0.1");
        await once(client, "connect");
        // Nothing is read until no more is taken.
        for (let before = -1; before !== produced; await new Promise((resolve) => setTimeout(resolve, 20)))
          before = produced;
        const untilRead = produced;
        let received = 0;
        await pipeline(
          client,
          new Writable({
            write: (chunk: Buffer, _encoding, done) => {
              received += chunk.length;
              done();
            },
          }),
        );
        await written.promise;
        expect(received).toBe(LARGE_BYTES);
        expect(untilRead).toBeLessThan(LARGE_BYTES);
      },
    );
  });

  test("a stream that nobody reads holds its peer up, and goes on when somebody does", async () => {
    const streams: SocketStream[] = [];
    await withStreams(
      multiplexer,
      (stream) => streams.push(stream),
      async (port) => {
        const client = await connected(port);
        const sent = Buffer.alloc(LARGE_BYTES, "x");
        let isTaken = false;
        client.write(sent, () => (isTaken = true));
        await expect.poll(() => streams[0]?.readableLength ?? 0).toBeGreaterThan(0);
        for (let before = -1; before !== client.bytesWritten - client.writableLength;)
          [before] = [
            client.bytesWritten - client.writableLength,
            await new Promise((resolve) => setTimeout(resolve, 50)),
          ];
        expect(isTaken).toBe(false);
        expect(streams[0]!.bytesRead).toBeLessThan(LARGE_BYTES);
        streams[0]!.resume();
        await expect.poll(() => streams[0]!.bytesRead, { timeout: 20_000 }).toBe(LARGE_BYTES);
        client.destroy();
      },
    );
  });

  test("with allowHalfOpen it answers a peer that has ended", async () => {
    await withStreams(
      multiplexer,
      (stream) => {
        let heard = "";
        stream.on("data", (chunk: Buffer) => (heard += chunk.toString()));
        stream.on("end", () => stream.end(`you said ${heard}`));
      },
      async (port) => {
        const client = await connected(port);
        client.end("all");
        expect((await read(client, 12)).toString()).toBe("you said all");
        client.destroy();
      },
      { allowHalfOpen: true },
    );
  });

  test("without it the stream ends when its peer does, and both sides are closed", async () => {
    const closed = Promise.withResolvers<boolean>();
    await withStreams(
      multiplexer,
      (stream) =>
        stream.resume().on("close", () => closed.resolve(stream.readableEnded && stream.writableFinished)),
      async (port) => {
        const client = await connected(port);
        client.resume().end("bye");
        expect(await closed.promise).toBe(true);
        await once(client, "close");
      },
    );
  });

  test("a stream that ends first still reads to the end of its peer", async () => {
    const answer = Buffer.alloc(300_000, "answer");
    await withStreams(
      multiplexer,
      (stream) => stream.resume().on("end", () => stream.end(answer)),
      async (port) => {
        const stream = await dialled(multiplexer, port, { allowHalfOpen: true });
        stream.end("question");
        const heard: Buffer[] = [];
        for await (const chunk of stream) heard.push(chunk as Buffer);
        expect(Buffer.concat(heard).equals(answer)).toBe(true);
      },
      { allowHalfOpen: true },
    );
  });

  test("destroySoon() waits for a reader that is slow, however long that takes", async () => {
    const sent = Buffer.alloc(LARGE_BYTES, "slow");
    await withStreams(
      multiplexer,
      (stream) => {
        stream.write(sent);
        stream.destroySoon();
      },
      async (port) => {
        const client = await connected(port);
        // Longer than a connection that is closed lingers.
        await new Promise((resolve) => setTimeout(resolve, 2500));
        expect((await read(client, LARGE_BYTES)).equals(sent)).toBe(true);
        client.destroy();
      },
    );
  });

  test("destroy() closes the connection after what was written", async () => {
    await withStreams(
      multiplexer,
      (stream) => {
        stream.write("last words");
        stream.destroy();
      },
      async (port) => {
        const client = await connected(port);
        expect((await read(client, 10)).toString()).toBe("last words");
        await once(client, "end");
        client.destroy();
      },
    );
  });

  test("a reset is an error with the code that net.Socket has, and resetAndDestroy makes one", async () => {
    const failed = Promise.withResolvers<NodeJS.ErrnoException>();
    await withStreams(
      multiplexer,
      (stream) => void stream.resume().once("error", failed.resolve),
      async (port) => {
        const client = await connected(port);
        client.resetAndDestroy();
        expect(await failed.promise).toMatchObject({ code: "ECONNRESET" });
      },
    );
    await withStreams(
      multiplexer,
      (stream) => void stream.resetAndDestroy(),
      async (port) => {
        const client = connectPlain(port, "127.0.0.1");
        const [error] = (await once(client, "error")) as [NodeJS.ErrnoException];
        expect(error.code).toBe("ECONNRESET");
      },
    );
  });
});

test("setTimeout emits after silence, and traffic puts it off", async () => {
  const timedOut = Promise.withResolvers<number>();
  let exchanges = 0;
  await withStreams(
    "epoll",
    (stream) => {
      stream.setTimeout(150, () => timedOut.resolve(exchanges));
      stream.on("data", (chunk: Buffer) => {
        exchanges += 1;
        stream.write(chunk);
      });
    },
    async (port) => {
      const client = await connected(port);
      const until = performance.now() + 400;
      while (performance.now() < until) {
        await exchange(client, "x");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const total = exchanges;
      expect(await timedOut.promise).toBe(total);
      client.destroy();
    },
  );
});

test("it knows both addresses, and how much went each way", async () => {
  const streams: SocketStream[] = [];
  await withStreams(
    "epoll",
    (stream) => {
      streams.push(stream);
      stream.pipe(stream);
    },
    async (port) => {
      const client = await connected(port);
      await exchange(client, "twelve bytes");
      expect(streams[0]).toMatchObject({
        ...{ remoteAddress: "127.0.0.1", remoteFamily: "IPv4", remotePort: client.localPort },
        ...{ localAddress: "127.0.0.1", localPort: port, bytesRead: 12, bytesWritten: 12 },
      });
      expect(streams[0]!.address()).toEqual({ address: "127.0.0.1", family: "IPv4", port });
      client.destroy();
    },
  );
});

test("a write after the connection is gone fails, and does not wait for ever", async () => {
  const failed = Promise.withResolvers<unknown>();
  await withStreams(
    "epoll",
    (stream) => {
      stream.resume().once("close", () => stream.write("too late", failed.resolve));
    },
    async (port) => {
      const client = await connected(port);
      client.resetAndDestroy();
      expect(await failed.promise).toBeInstanceOf(Error);
    },
  );
});
