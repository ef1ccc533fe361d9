/** The null server: an echo in three protocols that holds what it was told to hold, and remembers it truly. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import {
  startNullServer,
  websocketAccept,
  type Delay,
  type Records,
} from "../../../harness/calibrate/null-server.ts";
import { recordedByOpenLoop, transportCosts } from "../../../harness/calibrate/expected.ts";
import { runConformance } from "../../../harness/conformance/suite.ts";
import { STREAM_PROTOCOLS, type Protocol } from "../../../harness/contract.ts";
import { runLoad } from "../../../harness/children/generator/run-load.ts";
import type { LoadResult } from "../../../harness/results/run.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { measureTransport } from "../../../harness/calibrate/reference.ts";

const CPUS = allowedCpus().slice(0, 1);
const AT_ONCE: Delay[] = [{ share: 1, delayNs: 0 }];

async function loaded(
  protocol: Protocol,
  delays: readonly Delay[],
  payloadBytes = 64,
): Promise<{ load: LoadResult; records: Records }> {
  const server = await startNullServer({ protocol, payloadBytes, delays, seed: 3, cpus: CPUS });
  try {
    const load = await runLoad({
      ...{ loop: "closed", protocol, host: "127.0.0.1", port: server.port, connections: 4, payloadBytes },
      ...{ pipeline: 1, seed: 1, warmupSeconds: 0, durationSeconds: 0.3, timeoutSeconds: 5, threads: 1 },
      ...{ cpus: [], spin: false, serverPids: [], websocketKey: server.websocketKey },
    });
    return { load, records: await server.finish() };
  } finally {
    await server.stop();
  }
}

// Over ws the server accepts one key only, and the conformance client chooses its own.
test.each(["tcp", "http"] as const)("echoes over %s", async (protocol) => {
  const server = await startNullServer({ protocol, payloadBytes: 16, delays: AT_ONCE, seed: 1, cpus: CPUS });
  try {
    const target = { host: "127.0.0.1", port: server.port, protocol };
    const cases = await runConformance(target, { form: "probe" });
    expect(cases.filter(({ passed }) => !passed)).toEqual([]);
  } finally {
    await server.stop();
  }
});

/** The status line and the Sec-WebSocket-Accept of a handshake's answer; both null when the server closed. */
async function handshake(
  port: number,
  key: string,
): Promise<{ status: string | null; accept: string | null }> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: false });
  socket.write(
    [
      ...["GET /echo HTTP/1.1", "Host: 127.0.0.1", "UPGRADE: WebSocket", "Connection: Upgrade"],
      ...["Sec-WebSocket-Version: 13", `sec-websocket-key:  ${key}`, "", ""],
    ].join("\r\n"),
  );
  let head = "";
  for await (const chunk of socket) if ((head += String(chunk)).includes("\r\n\r\n")) break;
  socket.destroy();
  return {
    status: /^HTTP\/1\.1 .*$/m.exec(head)?.[0] ?? null,
    accept: /^Sec-WebSocket-Accept: (.*)$/m.exec(head)?.[1] ?? null,
  };
}

test("over ws accepts its key with the answer of the standard, and no other key", async () => {
  const server = await startNullServer({
    ...{ protocol: "ws", payloadBytes: 16, delays: AT_ONCE, seed: 1, cpus: CPUS },
  });
  try {
    expect(await handshake(server.port, server.websocketKey)).toEqual({
      status: "HTTP/1.1 101 Switching Protocols",
      accept: websocketAccept(server.websocketKey),
    });
    const other = "dGhlIHNhbXBsZSBub25jZQ==";
    expect(await handshake(server.port, other)).toEqual({ status: null, accept: null });
    // The example of RFC 6455, section 1.3.
    expect(websocketAccept(other)).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  } finally {
    await server.stop();
  }
});

/** The files that these ones include, themselves among them. */
function closureOf(files: readonly string[], seen: Set<string> = new Set()): Set<string> {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    const includes = readFileSync(file, "utf8").matchAll(/^#include "(.*)"$/gm);
    closureOf(
      [...includes].map(([, path]) => join(dirname(file), path!)),
      seen,
    );
  }
  return seen;
}

test("is made of no code of the load generator, so that neither checks itself", () => {
  const { targets } = JSON.parse(readFileSync(join(PROJECT_ROOT, "binding.gyp"), "utf8")) as {
    targets: { target_name: string; sources: string[] }[];
  };
  const { sources } = targets.find(({ target_name }) => target_name === "nullserver")!;
  const files = closureOf(sources.map((source) => join(PROJECT_ROOT, source)));
  const folders = [...files].map((file) => relative(join(PROJECT_ROOT, "native"), dirname(file)));
  expect([...new Set(folders)].toSorted()).toEqual(["base", "driver", "nullserver"]);
});

test.each(STREAM_PROTOCOLS)(
  "answers every request of the load generator over %s, byte for byte",
  async (protocol) => {
    const { load } = await loaded(protocol, AT_ONCE, 70_000);
    expect(load.accounting.firstError).toBeNull();
    expect(load.accounting.ok).toBe(load.accounting.sent);
    expect(load.accounting.ok).toBeGreaterThan(0);
  },
);

test.each(STREAM_PROTOCOLS)("records every answer over %s", async (protocol) => {
  const { load, records } = await loaded(protocol, [{ share: 1, delayNs: 500_000 }]);
  expect(records.messages).toHaveLength(load.accounting.ok);
});

test("never answers before the delay is over", async () => {
  const { records } = await loaded("tcp", [{ share: 1, delayNs: 2_000_000 }]);
  const early = recordedByOpenLoop(records.messages, 0).filter(
    ({ arrivedNs, sentNs, orderedNs }) => sentNs - arrivedNs < orderedNs,
  );
  expect(early).toEqual([]);
  expect(records.messages.length).toBeGreaterThan(0);
});

test("draws each delay of a mixture", async () => {
  const delays = [
    { share: 0.5, delayNs: 0 },
    { share: 0.5, delayNs: 1_000_000 },
  ];
  const { records } = await loaded("tcp", delays);
  expect(new Set(records.messages.map(({ orderedNs }) => orderedNs))).toEqual(new Set([0, 1_000_000]));
});

test("notices that it was stopped, and for how long", async () => {
  const server = await startNullServer({
    ...{ protocol: "tcp", payloadBytes: 1, delays: AT_ONCE, seed: 1, cpus: CPUS },
  });
  try {
    const beforeMs = performance.now();
    process.kill(server.pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stoppedNs = (performance.now() - beforeMs) * 1e6;
    process.kill(server.pid, "SIGCONT");
    const { gaps } = await server.finish();
    const longest = Math.max(...gaps.map(({ fromNs, toNs }) => toNs - fromNs));
    expect(longest / stoppedNs).toBeGreaterThan(0.9);
  } finally {
    await server.stop();
  }
});

test("leaves nothing running when it is stopped without being asked for its records", async () => {
  const server = await startNullServer({
    ...{ protocol: "tcp", payloadBytes: 1, delays: AT_ONCE, seed: 1, cpus: CPUS },
  });
  await server.stop();
  expect(() => process.kill(server.pid, 0)).toThrow(/ESRCH/);
});

test("says what is wrong with its options", async () => {
  const delays = [{ share: -1, delayNs: 0 }];
  await expect(
    startNullServer({ protocol: "tcp", payloadBytes: 1, delays, seed: 1, cpus: CPUS }),
  ).rejects.toThrow("'-1:0' is not SHARE:NANOSECONDS");
});

test("costs are what a round trip took beyond the time the server held it", () => {
  const messages = [
    { arrivedNs: 110, orderedNs: 50, sentNs: 165 },
    { arrivedNs: 210, orderedNs: 50, sentNs: 262 },
  ];
  const roundTrips = [
    { sentNs: 100, answeredNs: 180 },
    { sentNs: 200, answeredNs: 290 },
  ];
  expect(transportCosts(roundTrips, { messages, gaps: [] })).toEqual([
    { serviceTimeNs: 55, costNs: 25 },
    { serviceTimeNs: 52, costNs: 38 },
  ]);
});

test("the reference client sees the transport cost something, and less than nothing only where a stamp was disturbed", async ({
  skip,
}) => {
  const [serverCpu, clientCpu] = allowedCpus();
  if (serverCpu === undefined || clientCpu === undefined) return skip("it needs two CPUs");
  const delays = [{ share: 1, delayNs: 300_000 }];
  const request = { delays, connections: 2, wait: "spin", durationSeconds: 0.1, seed: 1 } as const;
  const cpus = { serverCpus: [serverCpu], clientCpus: [clientCpu] };
  for (let attempt = 0; attempt < 10; attempt++) {
    const costs = await measureTransport({ ...request, ...cpus }).catch(() => null);
    if (costs === null) continue;
    // A machine that stops the server between an answer and its stamp makes the hold of that one too long.
    expect(costs.filter(({ costNs }) => costNs <= 0).length / costs.length).toBeLessThan(0.01);
    return;
  }
  skip("the machine was never quiet");
});
