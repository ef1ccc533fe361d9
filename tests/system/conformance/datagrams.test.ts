/** The suite over UDP passes a right server, forgives a loss, and finds every wrong one. */
import { afterEach, expect, test } from "vitest";
import { runConformance } from "../../../harness/conformance/suite.ts";
import { answering, type DatagramServer } from "./wrong-udp.ts";

let server: DatagramServer | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

async function failing(answer: Parameters<typeof answering>[0]): Promise<string[]> {
  server = await answering(answer);
  const target = { host: "127.0.0.1", port: server.port, protocol: "udp" } as const;
  const cases = await runConformance(target, { form: "full" });
  expect(cases.length).toBeGreaterThan(5);
  return cases.filter(({ passed }) => !passed).map(({ name }) => name);
}

test("a right server passes", async () => {
  expect(await failing((message) => [message])).toEqual([]);
});

test("a datagram that is lost now and then is no fault", async () => {
  expect(await failing((message, count) => (count % 7 === 3 ? [] : [message]))).toEqual([]);
});

test.each<[string, Parameters<typeof answering>[0]]>([
  [
    "that changes a byte",
    (message) => [Buffer.from(message.map((byte, at) => (at === 9 ? byte ^ 1 : byte)))],
  ],
  ["that cuts long ones short", (message) => [message.subarray(0, 60)]],
  ["that answers twice", (message) => [message, message]],
  ["that never answers", () => []],
])("a server %s fails", { timeout: 60_000 }, async (_what, answer) => {
  expect((await failing(answer)).length).toBeGreaterThan(0);
});
