/** UDP: whole datagrams, in batches, and every loss counted. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { udp, type DatagramCounts, type UdpSocket } from "../../../reactor/index.ts";
import { runnableNames } from "./kinds.ts";

const MANY = 1000;

/** Resolves when the two counts together are as many as were sent. */
async function accountedFor(count: () => DatagramCounts, sent: number): Promise<DatagramCounts> {
  await expect.poll(() => count().received + count().lost + count().truncated).toBe(sent);
  return count();
}

describe.each(runnableNames)("%s", (multiplexer) => {
  test("echoes datagrams of every size to whoever sent them", async () => {
    const echo = await udp({
      ...{ multiplexer, largestBytes: 65_504 },
      socket: { data: (socket, chunk, from) => socket.send(chunk, from) },
    });
    const client = createSocket("udp4");
    try {
      for (const bytes of [0, 1, 100, 1472, 9000, 65_504]) {
        const sent = Buffer.alloc(bytes, "datagram");
        const heard = once(client, "message") as Promise<[Buffer, { port: number; address: string }]>;
        client.send(sent, echo.port, "127.0.0.1");
        const [answer, from] = await heard;
        expect(answer.equals(sent)).toBe(true);
        expect(from).toMatchObject({ address: "127.0.0.1", port: echo.port });
      }
    } finally {
      client.close();
      echo.close();
    }
  });

  test("a burst is received and answered by far fewer system calls than there are datagrams", async () => {
    const echo = await udp({
      ...{ multiplexer, receiveBufferBytes: 4 * 1024 * 1024 },
      socket: { data: (socket, chunk, from) => socket.send(chunk, from) },
    });
    const answers = new Set<number>();
    const client = await udp({
      ...{ multiplexer, receiveBufferBytes: 4 * 1024 * 1024 },
      socket: { data: (_socket, chunk) => void answers.add(chunk.readUInt32LE()) },
    });
    try {
      const to = client.peer("127.0.0.1", echo.port);
      const message = Buffer.alloc(64);
      for (let i = 0; i < MANY; i++) {
        message.writeUInt32LE(i);
        client.send(message, to);
      }
      await expect
        .poll(() => answers.size + echo.counters().lost + client.counters().lost + echo.counters().unsent)
        .toBe(MANY);
      const { received, sent, receiveCalls, sendCalls } = echo.counters();
      expect(received).toBe(MANY - echo.counters().lost);
      expect({ few: receiveCalls < received / 4, fewer: sendCalls < sent / 4 }).toEqual({
        few: true,
        fewer: true,
      });
    } finally {
      client.close();
      echo.close();
    }
  });

  test("what a small receive buffer loses is counted exactly", async () => {
    const sink = await udp({ ...{ multiplexer, receiveBufferBytes: 4096 }, socket: {} });
    const source = await udp({ multiplexer, socket: {} });
    try {
      const to = source.peer("127.0.0.1", sink.port);
      for (let i = 0; i < MANY; i++) source.send(Buffer.alloc(512, "loss"), to);
      await expect.poll(() => source.counters().sent).toBe(MANY);
      const { received, lost } = await accountedFor(() => sink.counters(), MANY);
      expect({ received: received > 0, lost: lost > 0 }).toEqual({ received: true, lost: true });
      // What it did is still known when it is closed.
      sink.close();
      expect(sink.counters()).toMatchObject({ received, lost });
    } finally {
      source.close();
      sink.close();
    }
  });

  test("what nobody gets because the socket was closed meanwhile is lost, and not received", async () => {
    let heard = 0;
    const sink = await udp({
      multiplexer,
      socket: {
        data: (socket) => {
          heard += 1;
          if (heard === 3) socket.close();
        },
      },
    });
    const source = await udp({ multiplexer, socket: {} });
    try {
      const to = source.peer("127.0.0.1", sink.port);
      for (let i = 0; i < 20; i++) source.send("together", to);
      await expect.poll(() => heard).toBe(3);
      expect(sink.counters()).toMatchObject({ received: 3, lost: 17 });
    } finally {
      source.close();
      sink.close();
    }
  });

  test("a datagram that is longer than it takes is counted, and never delivered in part", async () => {
    const heard: number[] = [];
    const sink = await udp({
      ...{ multiplexer, largestBytes: 100 },
      socket: { data: (_socket, chunk) => void heard.push(chunk.length) },
    });
    const source = await udp({ multiplexer, socket: {} });
    try {
      const to = source.peer("127.0.0.1", sink.port);
      for (const bytes of [100, 101, 99]) source.send(Buffer.alloc(bytes), to);
      const { truncated } = await accountedFor(() => sink.counters(), 3);
      expect({ heard, truncated }).toEqual({ heard: [100, 99], truncated: 1 });
    } finally {
      source.close();
      sink.close();
    }
  });

  test("IPv6 peers are read and written as Node.js writes them", async () => {
    const echo = await udp({
      ...{ multiplexer, host: "::1" },
      socket: {
        data: (socket, chunk, from) => socket.send(Buffer.from(`${from.address} ${chunk.toString()}`), from),
      },
    });
    const client = createSocket("udp6");
    try {
      const heard = once(client, "message") as Promise<[Buffer]>;
      client.send("hello", echo.port, "::1");
      expect(String((await heard)[0])).toBe("::1 hello");
      expect(echo.peer("::ffff:1.2.3.4", 5).bytes.subarray(8, 24).join(" ")).toBe(
        "0 0 0 0 0 0 0 0 0 0 255 255 1 2 3 4",
      );
    } finally {
      client.close();
      echo.close();
    }
  });

  test("more datagrams than there are commands in a batch all carry their own bytes", async () => {
    const count = 6000;
    const heard = new Set<string>();
    const sink = await udp({
      ...{ multiplexer, receiveBufferBytes: 64 * 1024 * 1024 },
      socket: { data: (_socket, chunk) => void heard.add(chunk.toString()) },
    });
    const source = await udp({ multiplexer, socket: {} });
    try {
      const to = source.peer("127.0.0.1", sink.port);
      for (let i = 0; i < count; i++) source.send(`${i} `.repeat(1 + (i % 50)), to);
      await expect.poll(() => sink.counters().received + sink.counters().lost).toBe(count);
      const right = new Set(Array.from({ length: count }, (_, i) => `${i} `.repeat(1 + (i % 50))));
      expect([...heard].filter((text) => !right.has(text))).toEqual([]);
      expect(heard.size).toBe(count - sink.counters().lost);
    } finally {
      source.close();
      sink.close();
    }
  });

  test("senders that are gone, and a flood, harm nobody", async () => {
    const echo = await udp({
      ...{ multiplexer, receiveBufferBytes: 4096 },
      socket: { data: (socket, chunk, from) => socket.send(chunk, from) },
    });
    const gone = await udp({ multiplexer, socket: {} });
    const heard = Promise.withResolvers<string>();
    // There before the other one goes, whose port it might be given otherwise.
    const client = await udp({
      multiplexer,
      socket: { data: (_socket, chunk) => heard.resolve(chunk.toString()) },
    });
    for (let i = 0; i < 20 * MANY; i++) gone.send("flood", gone.peer("127.0.0.1", echo.port));
    // Its answers meet a port that nobody has any more.
    gone.close();
    const ask = setInterval(() => client.send("still there?", client.peer("127.0.0.1", echo.port)), 10);
    try {
      expect(await heard.promise).toBe("still there?");
    } finally {
      clearInterval(ask);
      client.close();
      echo.close();
    }
  });

  test("close() frees the port, and nothing is delivered any more", async () => {
    const first = await udp({ multiplexer, socket: {} });
    first.close();
    first.close();
    const second = await udp({ multiplexer, port: first.port, socket: {} });
    second.close();
    expect(second.port).toBe(first.port);
  });
});

test("a datagram that the kernel refuses is an error of the socket, and those behind it are sent", async () => {
  const errors: (string | null)[] = [];
  const heard = Promise.withResolvers<string>();
  const sink = await udp({ socket: { data: (_socket, chunk) => heard.resolve(chunk.toString()) } });
  const source: UdpSocket = await udp({
    socket: { error: (_socket, error) => void errors.push(error.code) },
  });
  try {
    // From an address of this machine alone there is no way into another network.
    source.send("nowhere", source.peer("192.0.2.1", 9));
    source.send("here", source.peer("127.0.0.1", sink.port));
    expect(await heard.promise).toBe("here");
    expect(errors).toEqual(["EINVAL"]);
    expect(source.counters()).toMatchObject({ sent: 1, refused: 1 });
  } finally {
    source.close();
    sink.close();
  }
});

test.each([
  [{ largestBytes: 70_000 }, "The option largestBytes must be a whole number from 1 to 65504"],
  [{ port: -1 }, "The option port must be a whole number"],
  [{ multiplexer: "kqueue" }, 'There is no multiplexer "kqueue"'],
])("refuses to open with %j", async (options, sentence) => {
  await expect(udp({ ...options, socket: {} })).rejects.toThrow(sentence);
});

test("a peer that is no numeric address, and a datagram that is too long, are refused with a sentence", async () => {
  const socket = await udp({ socket: {} });
  try {
    expect(() => socket.peer("localhost", 1)).toThrow("resolve names first");
    expect(() => socket.send(Buffer.alloc(65_505), socket.peer("127.0.0.1", 9))).toThrow(
      "send it in several",
    );
  } finally {
    socket.close();
  }
});
