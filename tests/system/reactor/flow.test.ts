/** Pauses, floods and loud peers: nothing is lost, reordered or starved, on every multiplexer. */
import { once } from "node:events";
import type { Socket as ClientSocket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { connect, type Socket, type SocketHandlers } from "../../../reactor/index.ts";
import { exchange, listener, read, withServer } from "./clients.ts";
import { runnableNames } from "./kinds.ts";

/** More than all buffers on the way take. */
const BEYOND_BUFFERS_BYTES = 32 * 1024 * 1024;
const SIP_BYTES = 64 * 1024;

/** Exactly so much of what a client can read. */
async function sip(client: ClientSocket): Promise<Buffer> {
  for (;;) {
    const bytes = client.read(SIP_BYTES) as Buffer | null;
    if (bytes !== null) return bytes;
    await once(client, "readable");
  }
}

/** Bytes that tell their place, so that a swapped piece shows. */
function pattern(byteCount: number, seed: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  for (let at = 0; at + 4 <= byteCount; at += 4) bytes.writeUInt32LE((at + seed * 7919) >>> 0, at);
  return bytes;
}

describe.each(runnableNames)("%s", (multiplexer) => {
  test("pausing at every chunk loses and reorders nothing", async () => {
    const payload = pattern(1024 * 1024, 1);
    const chunks: Buffer[] = [];
    let ended = false;
    const socket = {
      data: (one: Socket, chunk: Buffer) => {
        expect(ended).toBe(false);
        chunks.push(Buffer.from(chunk));
        one.pause();
        setImmediate(() => one.resume());
      },
      end: (one: Socket) => {
        ended = true;
        one.end();
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      client.end(payload);
      await once(client.resume(), "end");
      expect(Buffer.concat(chunks).equals(payload)).toBe(true);
    });
  });

  test("a pause and a resume in one batch change nothing", async () => {
    const payload = pattern(512 * 1024, 2);
    const socket = {
      data: (one: Socket, chunk: Buffer) => {
        one.pause();
        one.write(chunk);
        one.resume();
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const client = await dial();
      client.write(payload);
      expect((await read(client, payload.length)).equals(payload)).toBe(true);
    });
  });

  /** Sends all of it as fast as it is taken; `ended` resolves with how the connection ended. */
  function sending(payload: Buffer): { socket: SocketHandlers<number>; ended: Promise<Error | null> } {
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    const goOn = (one: Socket<number>): void => {
      for (let taken = 1; taken > 0 && one.data < payload.length; one.data += taken)
        taken = one.write(payload.subarray(one.data));
    };
    const open = (one: Socket<number>): void => {
      one.data = 0;
      goOn(one);
    };
    return { socket: { open, drain: goOn, close: (_one, error) => resolve(error) }, ended: promise };
  }

  test("a slow reader is not idle while it takes what is on its way", async () => {
    const payload = pattern(BEYOND_BUFFERS_BYTES, 3);
    const { socket, ended } = sending(payload);
    await withServer({ multiplexer, socket, idleTimeoutMs: 500 }, async (_server, dial) => {
      const client = await dial();
      // So little at a time that the sender's buffer stays full, and nothing tells it that there is room.
      let received = 0;
      for (let part = 0; part < 30; part++, received += SIP_BYTES) {
        const bytes = await sip(client);
        expect(bytes.equals(payload.subarray(received, received + SIP_BYTES))).toBe(true);
        await delay(50);
      }
      expect(await Promise.race([ended, delay(0, "open")])).toBe("open");
    });
  });

  test("a reader that takes nothing is reset, and does not mistake what it has for all", async () => {
    const { socket, ended } = sending(Buffer.alloc(BEYOND_BUFFERS_BYTES));
    await withServer({ multiplexer, socket, idleTimeoutMs: 100 }, async ({ port }) => {
      const { over, handlers } = listener();
      const client = await connect({
        multiplexer,
        port,
        socket: { ...handlers, open: (one) => one.pause() },
      });
      expect(await ended).toMatchObject({ code: "ETIMEDOUT" });
      client.resume();
      expect(await over).toMatchObject({ code: "ECONNRESET" });
    });
  });

  test("more input at once than the slab holds is read in several batches", async () => {
    const received = new Map<Socket, Buffer[]>();
    const socket = {
      open: (one: Socket) => void received.set(one, []),
      data: (one: Socket, chunk: Buffer) => void received.get(one)!.push(Buffer.from(chunk)),
      end: (one: Socket) => one.end(),
    };
    await withServer({ multiplexer, socket }, async (server, dial) => {
      const clients = await Promise.all(Array.from({ length: 32 }, dial));
      const payloads = clients.map((_, index) => pattern(128 * 1024, index));
      // This thread is the server's, so all of it is in the kernel before the server looks again.
      for (const [index, client] of clients.entries()) client.end(payloads[index]!);
      await Promise.all(clients.map((client) => once(client.resume(), "end")));
      const sums = [...received.values()].map((chunks) => Buffer.concat(chunks).toString("latin1"));
      expect(new Set(sums)).toEqual(new Set(payloads.map((payload) => payload.toString("latin1"))));
      expect(server.counters().bufferExhaustion).toBeGreaterThan(0);
    });
  });

  test("a loud peer does not keep a quiet one waiting", async () => {
    let loudBytes = 0;
    const socket = {
      data: (one: Socket, chunk: Buffer) => {
        if (chunk.length <= 4) one.write(chunk);
        else loudBytes += chunk.length;
      },
    };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const [loud, quiet] = [await dial(), await dial()];
      const block = Buffer.alloc(1024 * 1024);
      let shouting = true;
      const shout = (): void => {
        if (shouting) loud.write(block, shout);
      };
      shout();
      try {
        let echoes = 0;
        while (loudBytes < 16 * block.length || echoes < 20) {
          const before = loudBytes;
          expect(await exchange(quiet, "here")).toBe("here");
          // One turn reads at most a slab full, and a few turns pass until the client has its echo.
          expect(loudBytes - before).toBeLessThan(16 * block.length);
          echoes += 1;
        }
      } finally {
        shouting = false;
      }
    });
  });

  test("closing a connection that nobody reads or writes reaches its peer at once", async () => {
    const sockets: Socket[] = [];
    const socket = { open: (one: Socket) => void sockets.push(one) };
    await withServer({ multiplexer, socket }, async (_server, dial) => {
      const [first, second] = [await dial(), await dial()];
      await expect.poll(() => sockets.length).toBe(2);
      const ends = Promise.race([once(first.resume(), "end"), once(second.resume(), "end")]);
      sockets[0]!.close();
      await ends;
      const failures = [first, second].map(
        (client) => new Promise<NodeJS.ErrnoException>((resolve) => client.once("error", resolve)),
      );
      sockets[1]!.terminate();
      expect((await Promise.race(failures)).code).toBe("ECONNRESET");
    });
  });
});
