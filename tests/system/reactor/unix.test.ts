/** Unix sockets: by the path of a file, and by an abstract name. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, listen, listenSharded, type Socket } from "../../../reactor/index.ts";
import { runnableNames } from "./kinds.ts";

const ECHO = { data: (socket: Socket, chunk: Buffer): void => void socket.write(chunk) };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unix-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a server on this socket answers to a text. */
async function asked(multiplexer: string, path: string, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let heard = "";
  const socket = await connect({
    ...{ multiplexer, path },
    socket: {
      data: (one: Socket, chunk: Buffer) => {
        heard += chunk.toString();
        if (heard.length >= text.length) one.end();
      },
      close: (_one: Socket, error: Error | null) => (error === null ? resolve(heard) : reject(error)),
    },
  });
  socket.write(text);
  return promise;
}

/** A connection that stays open after its first echo. */
async function echoed(path: string): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await connect({ path, socket: { data: () => resolve() } });
  socket.write("one");
  await promise;
  return socket;
}

describe.each(runnableNames)("%s", (multiplexer) => {
  test("echoes over the path of a file, which goes with the server", async () => {
    const path = join(folder, `${multiplexer}.sock`);
    const server = await listen({ multiplexer, path, socket: ECHO });
    try {
      expect(await asked(multiplexer, path, "by path")).toBe("by path");
      expect({ port: server.port, exists: existsSync(path) }).toEqual({ port: 0, exists: true });
    } finally {
      await server.close();
    }
    expect(existsSync(path)).toBe(false);
  });

  test("echoes over an abstract name, which has no file", async () => {
    const path = `\0readymark-test-${process.pid}-${multiplexer}`;
    const server = await listen({ multiplexer, path, socket: ECHO });
    try {
      expect(await asked(multiplexer, path, "by name")).toBe("by name");
    } finally {
      await server.close();
    }
  });

  test("several connections are made and closed one after the other", async () => {
    const path = join(folder, `${multiplexer}-many.sock`);
    const server = await listen({ multiplexer, path, socket: ECHO });
    try {
      for (let i = 0; i < 50; i++) expect(await asked(multiplexer, path, `number ${i}`)).toBe(`number ${i}`);
      expect(server.counters().accepts).toBe(50);
    } finally {
      await server.close();
    }
  });
});

test("a server does not remove the file of its successor", async () => {
  const path = join(folder, "successor.sock");
  const first = await listen({ path, socket: ECHO });
  rmSync(path);
  const second = await listen({ path, socket: ECHO });
  await first.close();
  try {
    expect(await asked("epoll", path, "still here")).toBe("still here");
  } finally {
    await second.close();
  }
});

test("the file stays where somebody else still listens on the socket", async () => {
  const path = join(folder, "passed.sock");
  const first = await listen({ path, socket: ECHO });
  // As a process does that the descriptor was passed to.
  const copied = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], {
    stdio: ["ignore", "ignore", "inherit", first.fd],
  });
  try {
    await once(copied, "spawn");
    await first.close();
    expect(existsSync(path)).toBe(true);
  } finally {
    copied.kill("SIGKILL");
    await once(copied, "exit");
  }
});

test("a path that is taken, and one whose folder is missing, are errors that say what to do", async () => {
  const path = join(folder, "taken.sock");
  const server = await listen({ path, socket: ECHO });
  try {
    await expect(listen({ path, socket: ECHO })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: expect.stringContaining("has to be removed") as string,
    });
    await expect(listen({ path: join(folder, "no", "x.sock"), socket: ECHO })).rejects.toMatchObject({
      code: "ENOENT",
      message: expect.stringContaining("make it first") as string,
    });
  } finally {
    await server.close();
  }
});

test("connecting where nothing is, or nobody listens, says which of the two", async () => {
  const path = join(folder, "gone.sock");
  await expect(connect({ path, socket: {} })).rejects.toMatchObject({ code: "ENOENT" });
  await expect(connect({ path: "\0readymark-nobody", socket: {} })).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
});

test.each([
  [{ path: "/tmp/a.sock", port: 80 }, "The options path and port exclude each other"],
  [{ path: "" }, "The option path must be the path of a socket"],
  [{ path: "/tmp/a\0b" }, "The option path must be the path of a socket"],
  [{ path: `/${"x".repeat(107)}` }, "The option path must have at most 107 bytes"],
])("refuses to listen with %j", async (options, sentence) => {
  await expect(listen({ ...options, socket: ECHO })).rejects.toThrow(sentence);
});

test("shards of a Unix socket need somebody who spreads the connections", async () => {
  const options = { shards: 2, path: join(folder, "shards.sock") };
  const module = new URL("./programs/echo-handlers.ts", import.meta.url);
  await expect(listenSharded({ ...options, module })).rejects.toThrow('balance must be "least-connections"');
  const server = await listenSharded({ ...options, module, balance: "least-connections" });
  try {
    // All stay open: a shard counts an ended connection a moment after the client has seen its end.
    const held = await Promise.all(Array.from({ length: 4 }, () => echoed(options.path)));
    expect(await server.connections()).toEqual([2, 2]);
    for (const socket of held) socket.end();
  } finally {
    await server.close();
  }
});
