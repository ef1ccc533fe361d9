/** A connection as a stream of Node.js. */
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import type { SocketStream } from "../../../reactor/index.ts";
import { connected, exchange, read } from "./clients.ts";
import { runnableNames } from "./kinds.ts";
import { dialled, withStreams } from "./streams.ts";

const LARGE_BYTES = 8 * 1024 * 1024;

describe.each(runnableNames)("%s", (multiplexer) => {
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
  const timeoutMs = 150;
  let timedOut = Promise.withResolvers<number>();
  let exchanges = 0;
  await withStreams(
    "epoll",
    (stream) => {
      const { resolve } = timedOut;
      stream.setTimeout(timeoutMs, () => resolve(exchanges));
      stream.on("data", (chunk: Buffer) => {
        exchanges += 1;
        stream.write(chunk);
      });
    },
    async (port) => {
      // A machine that stops this process for so long makes silence; then nothing was tested.
      for (let longestPauseMs = Infinity; longestPauseMs >= timeoutMs / 2;) {
        timedOut = Promise.withResolvers<number>();
        exchanges = 0;
        longestPauseMs = 0;
        const client = await connected(port);
        const until = performance.now() + 400;
        for (let spokeMs = performance.now(); spokeMs < until;) {
          await exchange(client, "x");
          await new Promise((resolve) => setTimeout(resolve, 10));
          longestPauseMs = Math.max(longestPauseMs, performance.now() - spokeMs);
          spokeMs = performance.now();
        }
        const total = exchanges;
        const silentAfter = await timedOut.promise;
        if (longestPauseMs < timeoutMs / 2) expect(silentAfter).toBe(total);
        client.destroy();
      }
    },
  );
});

test("setTimeout does not emit while a slow peer takes what was written, and does when it takes nothing", async () => {
  const timedOut = Promise.withResolvers<number>();
  let taken = 0;
  await withStreams(
    "epoll",
    (stream) => {
      stream.setTimeout(100, () => timedOut.resolve(taken));
      stream.write(Buffer.alloc(4 * LARGE_BYTES, "slow"));
    },
    async (port) => {
      const client = connectPlain(port, "127.0.0.1").pause();
      await once(client, "connect");
      // More than the buffers of both kernels hold, in steps that are shorter than the time.
      while (taken < 3 * LARGE_BYTES) {
        taken += (await read(client, LARGE_BYTES / 8)).length;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await timedOut.promise).toBe(taken);
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
