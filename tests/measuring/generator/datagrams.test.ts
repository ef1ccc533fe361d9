/** The closed loop over UDP: every loss is counted, and nothing else may happen to a datagram. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import type { LoadJob } from "../../../harness/children/generator/job.ts";
import { runLoad } from "../../../harness/children/generator/run-load.ts";
import { jobFor } from "../../fixtures/jobs.ts";

let server: Socket | undefined;
afterEach(() => server?.close());

/** A server that sends back what `answer` makes of a datagram, each part of it as one. */
async function serving(
  answer: (message: Buffer, count: number, from: RemoteInfo) => Buffer[],
): Promise<number> {
  const socket = createSocket("udp4");
  server = socket;
  let count = 0;
  socket.on("message", (message, from) => {
    for (const part of answer(message, count++, from)) socket.send(part, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

const load = (port: number, more: Partial<LoadJob> = {}) =>
  runLoad(jobFor(port, { protocol: "udp", ...more }));

test("every datagram of a right server is accounted for", async () => {
  const { accounting, operations } = await load(await serving((message) => [message]));
  expect(accounting).toMatchObject({ inFlight: 0, lost: 0, firstError: null });
  expect(accounting.ok).toBe(accounting.sent);
  expect(operations).toBeGreaterThan(0);
});

test("what a server drops is counted exactly", async () => {
  let dropped = 0;
  const port = await serving((message, count) => {
    if (count % 50 !== 7) return [message];
    dropped += 1;
    return [];
  });
  const { accounting } = await load(port, { pipeline: 8 });
  expect(dropped).toBeGreaterThan(0);
  expect(accounting).toMatchObject({ lost: dropped, inFlight: 0, firstError: null });
  expect(accounting.sent).toBe(accounting.ok + dropped);
});

test.each([
  [
    "changes a byte",
    (message: Buffer) => [Buffer.from(message.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))],
    "corrupt",
  ],
  ["cuts one short", (message: Buffer) => [message.subarray(1)], "short"],
  ["adds a byte", (message: Buffer) => [Buffer.concat([message, Buffer.of(0)])], "corrupt"],
  ["answers twice", (message: Buffer) => [message, message], "corrupt"],
])("a server that %s is found out", async (_what, wrong, kind) => {
  const port = await serving((message, count) => (count === 20 ? wrong(message) : [message]));
  // The fault ends the load.
  const { accounting } = await load(port, { durationSeconds: 20 });
  expect(accounting.errors[kind as "corrupt"]).toBeGreaterThan(0);
});

test("a server that answers somebody else is found out", async () => {
  let first: RemoteInfo | undefined;
  const port = await serving((message, _count, from) => {
    first ??= { ...from };
    // From the second socket on, all answers go to the first one.
    if (from.port !== first.port) Object.assign(from, first);
    return [message];
  });
  const { accounting } = await load(port, { connections: 2 });
  expect(accounting.errors.corrupt).toBeGreaterThan(0);
  expect(accounting.firstError).toMatch(/these are the bytes of connection/);
});

test("a port that nobody has is refused", async () => {
  const port = await serving((message) => [message]);
  server?.close();
  server = undefined;
  const { accounting } = await load(port);
  expect(accounting.errors.refused).toBeGreaterThan(0);
});
