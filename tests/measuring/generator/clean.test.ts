/** Every protocol under every loop, with payloads around each boundary: all bytes verified, all requests accounted. */
import { describe, expect, test } from "vitest";

import { STREAM_PROTOCOLS, type StreamProtocol } from "../../../harness/contract.ts";
import { expectClean, loadAgainst } from "../../fixtures/jobs.ts";
import { httpEchoServer, tcpEchoServer, wsEchoServer, type TestServer } from "./servers.ts";

const PAYLOADS = [1, 15, 16, 64, 1000, 70_000, 1_048_576];
const ECHO: Record<StreamProtocol, () => Promise<TestServer>> = {
  tcp: tcpEchoServer,
  http: httpEchoServer,
  ws: wsEchoServer,
};

describe.each(STREAM_PROTOCOLS)("%s", (protocol) => {
  test.each(PAYLOADS)("the closed loop verifies payloads of %i bytes", async (payloadBytes) => {
    expectClean(await loadAgainst(ECHO[protocol](), { protocol, payloadBytes, pipeline: 3 }));
  });

  test.each(PAYLOADS)("the open loop verifies payloads of %i bytes", async (payloadBytes) => {
    const ratePerSecond = payloadBytes > 100_000 ? 100 : 1000;
    expectClean(await loadAgainst(ECHO[protocol](), { protocol, payloadBytes, loop: "open", ratePerSecond }));
  });

  test.each(PAYLOADS)("churn verifies payloads of %i bytes", async (payloadBytes) => {
    expectClean(await loadAgainst(ECHO[protocol](), { protocol, payloadBytes, loop: "churn" }));
  });

  test("churn that resets is clean too", async () => {
    expectClean(await loadAgainst(ECHO[protocol](), { protocol, loop: "churn", closeMode: "rst" }));
  });

  test("several threads share the connections", async () => {
    const result = await loadAgainst(ECHO[protocol](), { protocol, threads: 3, connections: 7 });
    expectClean(result);
    expect(result.clientBusyShare).toHaveLength(3);
  });
});

test("a payload of 16 MiB is verified", async () => {
  const payloadBytes = 16 * 1024 * 1024;
  expectClean(await loadAgainst(tcpEchoServer(), { payloadBytes, connections: 1, durationSeconds: 0.5 }));
});

test("more threads than connections leave no thread without one", async () => {
  const result = await loadAgainst(tcpEchoServer(), { threads: 4, connections: 2 });
  expectClean(result);
  expect(result.clientBusyShare).toHaveLength(2);
});
