/** The codecs behind real sockets, driven by clients that other people wrote. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { createEchoCodec } from "../../../protocols/echo.ts";

/** Runs `use` against an echo server and closes everything afterwards. `use` gets the port and the sockets so far. */
async function withServer(
  protocol: "http" | "ws",
  use: (port: number, sockets: Socket[]) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    const codec = createEchoCodec(protocol, {
      takesAtOnce: false,
      write: (bytes) => void socket.write(bytes),
      end: () => void socket.end(),
    });
    socket.on("data", (chunk) => codec.data(chunk));
    socket.on("end", () => codec.end());
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port, sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
}

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

async function send(
  agent: Agent,
  port: number,
  method: string,
  parts: Buffer[],
  headers: Record<string, string | number> = {},
): Promise<Answer> {
  const outgoing = request({ host: "127.0.0.1", port, agent, method, path: "/echo", headers });
  if (headers["Expect"] !== undefined) {
    outgoing.flushHeaders();
    await once(outgoing, "continue");
  }
  for (const part of parts) outgoing.write(part);
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const body: Buffer[] = [];
  for await (const chunk of response) body.push(chunk as Buffer);
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(body) };
}

async function withAgent(
  use: (agent: Agent, port: number, sockets: Socket[]) => Promise<void>,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await withServer("http", (port, sockets) => use(agent, port, sockets));
  } finally {
    agent.destroy();
  }
}

test("node:http keeps one connection over many requests", async () => {
  await withAgent(async (agent, port, sockets) => {
    for (const length of [0, 1, 64, 20_000]) {
      const body = Buffer.alloc(length, "k");
      const answer = await send(agent, port, "POST", [body], { "Content-Length": length });
      expect(answer.body.equals(body)).toBe(true);
    }
    expect(sockets.length).toBe(1);
  });
});

test("node:http gets a large chunked body back", async () => {
  await withAgent(async (agent, port) => {
    const parts = Array.from({ length: 16 }, (_, i) => Buffer.alloc(65_536, i));
    const answer = await send(agent, port, "POST", parts, { "Transfer-Encoding": "chunked" });
    expect(answer.body.equals(Buffer.concat(parts))).toBe(true);
  });
});

test("node:http is told to continue", async () => {
  await withAgent(async (agent, port) => {
    const headers = { Expect: "100-continue", "Content-Length": 5 };
    const answer = await send(agent, port, "POST", [Buffer.from("hello")], headers);
    expect(answer.body.toString()).toBe("hello");
  });
});

test("node:http reads GET and HEAD on one connection", async () => {
  await withAgent(async (agent, port, sockets) => {
    const head = await send(agent, port, "HEAD", []);
    const get = await send(agent, port, "GET", []);
    expect(head.headers["content-length"]).toBe(String(get.body.length));
    expect(sockets.length).toBe(1);
  });
});

test("node:http sees the connection close when it asks for that", async () => {
  await withAgent(async (agent, port) => {
    const answer = await send(agent, port, "POST", [Buffer.from("x")], {
      Connection: "close",
      "Content-Length": 1,
    });
    expect(answer.headers.connection).toBe("close");
    expect(answer.body.toString()).toBe("x");
  });
});

async function withClient(use: (client: WebSocket) => Promise<void>): Promise<void> {
  await withServer("ws", async (port) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    try {
      await once(client, "open");
      await use(client);
    } finally {
      client.terminate();
    }
  });
}

const TEXT_MEBIBYTE = "grüße € ".repeat(1 << 17).slice(0, 1 << 20);

test.each([
  ["no bytes", Buffer.alloc(0)],
  ["64 bytes", Buffer.alloc(64, 7)],
  ["1 MiB", Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 13) % 256))],
])("the ws client gets a binary message of %s back", async (_size, payload) => {
  await withClient(async (client) => {
    client.send(payload);
    const [data, isBinary] = (await once(client, "message")) as [Buffer, boolean];
    expect(isBinary).toBe(true);
    expect(data.equals(payload)).toBe(true);
  });
});

test("the ws client gets a large text back", async () => {
  await withClient(async (client) => {
    client.send(TEXT_MEBIBYTE);
    const [data, isBinary] = (await once(client, "message")) as [Buffer, boolean];
    expect(isBinary).toBe(false);
    expect(data.toString() === TEXT_MEBIBYTE).toBe(true);
  });
});

test("the ws client gets a fragmented message back", async () => {
  await withClient(async (client) => {
    client.send("one ", { fin: false });
    client.ping("between");
    client.send("two", { fin: true });
    const [data] = (await once(client, "message")) as [Buffer];
    expect(data.toString()).toBe("one two");
  });
});

test("the ws client gets its ping back", async () => {
  await withClient(async (client) => {
    client.ping("are you there");
    const [payload] = (await once(client, "pong")) as [Buffer];
    expect(payload.toString()).toBe("are you there");
  });
});

test("the ws client completes the closing handshake", async () => {
  await withClient(async (client) => {
    client.close(4001, "enough");
    const [code] = (await once(client, "close")) as [number];
    expect(code).toBe(4001);
  });
});
