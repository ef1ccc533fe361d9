/** A listening socket that is passed to another process, and a server that lets its connections end by themselves. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { listen, type Socket } from "../../../reactor/index.ts";
import { connected, exchange, read } from "./clients.ts";
import { runnableNames } from "./kinds.ts";

const PROGRAM = fileURLToPath(new URL("./programs/restartable.ts", import.meta.url));
/** Binds a socket, as descriptor 3, and becomes the program that its arguments name. */
const BINDER = `
import os, socket, sys
bound = socket.socket()
bound.bind(("127.0.0.1", 0))
os.dup2(bound.fileno(), 3)
os.set_inheritable(3, True)
os.execv(sys.argv[1], sys.argv[1:])
`;
const RESTARTS = 3;
const CLIENTS = 8;
const REQUESTS_BETWEEN = 200;
const ECHO = { data: (socket: Socket, chunk: Buffer): void => void socket.write(chunk) };

/** The first server and its successors, whose output comes through the first one's. */
class Generations {
  readonly #first: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly pids: number[] = [];
  port = 0;

  constructor(multiplexer: string) {
    this.#first = spawn(process.execPath, [PROGRAM, multiplexer], { stdio: ["ignore", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#first.stdout! })[Symbol.asyncIterator]();
  }

  /** Resolves when the next one listens. */
  async next(): Promise<void> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("No server listens any more.");
    const [pid = 0, port = 0] = line.value.split(" ").map(Number);
    this.pids.push(pid);
    this.port = port;
  }

  restart(): void {
    process.kill(this.pids.at(-1)!, "SIGHUP");
  }

  stop(): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended, as all but the last one should.
      }
    }
  }
}

/** The process that answered. */
function answered(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", agent, method: "POST" }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve(Number(body)));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end("hello");
  });
}

describe.concurrent.each(runnableNames)("%s", (multiplexer) => {
  test("a server that restarts under load loses no request", async () => {
    const generations = new Generations(multiplexer);
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    const byPid = new Map<number, number>();
    const load = { goesOn: true, answers: 0 };
    try {
      await generations.next();
      const { port } = generations;
      const clients = Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          while (load.goesOn) {
            const pid = await answered(port, agent);
            byPid.set(pid, (byPid.get(pid) ?? 0) + 1);
            load.answers += 1;
          }
        }),
      );
      for (let restart = 0; restart <= RESTARTS; restart++) {
        if (restart > 0) {
          generations.restart();
          await Promise.race([generations.next(), clients]);
        }
        const until = load.answers + REQUESTS_BETWEEN;
        const enough = async (): Promise<void> => {
          while (load.answers < until || !byPid.has(generations.pids.at(-1)!)) await delay(5);
        };
        await Promise.race([enough(), clients]);
      }
      load.goesOn = false;
      await clients;
      expect(generations.pids).toHaveLength(RESTARTS + 1);
      expect([...byPid.keys()].toSorted()).toEqual(generations.pids.toSorted());
    } finally {
      load.goesOn = false;
      agent.destroy();
      generations.stop();
    }
  });
});

describe.each(runnableNames)("%s, in one thread", (multiplexer) => {
  test("close() with a time limit lets a connection go on until it ends by itself", async () => {
    const server = await listen({ multiplexer, socket: ECHO });
    const client = await connected(server.port);
    await exchange(client, "before");
    let isClosed = false;
    const closed = server.close({ timeoutMs: 60_000 }).then(() => (isClosed = true));
    expect(await exchange(client, "meanwhile")).toBe("meanwhile");
    await expect(connected(server.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(isClosed).toBe(false);
    client.end();
    await closed;
    client.destroy();
  });

  test("when the time is up, close() closes what is still open", async () => {
    const server = await listen({ multiplexer, socket: ECHO });
    const client = await connected(server.port);
    await exchange(client, "before");
    const closed = server.close({ timeoutMs: 50 });
    await once(client.resume(), "end");
    client.end();
    await closed;
    client.destroy();
  });

  test("connections that wait in the backlog when a server closes with a time limit are served", async () => {
    let opened = 0;
    const server = await listen({ multiplexer, socket: { ...ECHO, open: () => void (opened += 1) } });
    const clients = await Promise.all(Array.from({ length: 4 }, () => connected(server.port)));
    for (const client of clients) client.write("early");
    const closed = server.close({ timeoutMs: 60_000 });
    // Their handshakes are over, so they believe themselves accepted.
    const served = await Promise.all(clients.map((client) => read(client, 5)));
    expect(served.map(String)).toEqual(clients.map(() => "early"));
    expect(opened).toBe(clients.length);
    for (const client of clients) client.destroy();
    await closed;
  });
});

test("listens on a socket that another program bound, which was neither listening nor non-blocking", async () => {
  const child = spawn("python3", ["-c", BINDER, process.execPath, PROGRAM, "epoll", "3"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const [pid, port] = line.split(" ").map(Number);
    expect(pid).toBe(child.pid);
    expect(await answered(port!, new Agent())).toBe(child.pid);
  } finally {
    child.kill("SIGKILL");
  }
});

test.each([
  [{ fd: 999_999 }, "the descriptor is not open in this process"],
  [{ fd: 0, port: 80 }, "The options fd and port exclude each other"],
  [{ fd: -1 }, "The option fd must be a whole number from 0"],
])("refuses to listen with %j", async (options, sentence) => {
  await expect(listen({ ...options, socket: ECHO })).rejects.toThrow(sentence);
});
