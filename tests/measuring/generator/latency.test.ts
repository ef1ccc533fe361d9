/** That latency is what it claims to be: service time in the closed loop, done minus due in the open one. */
import { expect, test } from "vitest";

import { decodeHistogram } from "../../../harness/results/histogram.ts";
import type { Distribution } from "../../../harness/results/run.ts";
import { expectClean, loadAgainst } from "../../fixtures/jobs.ts";
import { messageServer, tcpEchoServer } from "./servers.ts";

const SIZE = 64;

/** Calls back when at least `delayMs` have passed by the clock, which a single timer may undercut. */
function afterAtLeast(delayMs: number, call: () => void): void {
  const start = performance.now();
  const check = (): void => {
    if (performance.now() - start >= delayMs) call();
    else setTimeout(check, 1);
  };
  setTimeout(check, delayMs);
}

test("a server that answers 5 ms late shows it in the closed loop", async () => {
  const server = messageServer(SIZE, (socket, message) => afterAtLeast(5, () => socket.write(message)));
  const result = await loadAgainst(server, { durationSeconds: 0.3 });
  expectClean(result);
  const histogram = decodeHistogram(result.latency?.histogram ?? "");
  expect(histogram.getValueAtPercentile(0)).toBeGreaterThanOrEqual(4.99e6);
});

test("a stall of the server delays every request that falls due meanwhile", async () => {
  const ratePerSecond = 1000;
  const stallMs = 200;
  const server = messageServer(SIZE, (socket, message, number) => {
    if (message.readUInt32LE(0) === 0 && number === 10)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
    socket.write(message);
  });
  const result = await loadAgainst(server, {
    loop: "open",
    arrivals: "constant",
    ratePerSecond,
    connections: 8,
    durationSeconds: 0.8,
  });
  expectClean(result);
  // 200 requests fall due during the stall, the first half of them at least half a stall before its end.
  const histogram = decodeHistogram(result.latency?.histogram ?? "");
  const delayed = (stallMs / 2 / 1000) * ratePerSecond;
  const percentile = 100 * (1 - delayed / histogram.totalCount);
  expect(histogram.getValueAtPercentile(percentile)).toBeGreaterThanOrEqual((stallMs / 2) * 1e6 * 0.99);
});

test("the open loop records every request that was due in the window, on schedule or late", async () => {
  const result = await loadAgainst(tcpEchoServer(), {
    loop: "open",
    ratePerSecond: 2000,
    durationSeconds: 0.25,
  });
  expectClean(result);
  expect(result.latency?.count).toBe(result.scheduled);
  expect(result.stages["sendLag"]?.count).toBe(result.scheduled);
});

test("constant arrivals schedule exactly the offered rate", async () => {
  const result = await loadAgainst(tcpEchoServer(), {
    loop: "open",
    arrivals: "constant",
    ratePerSecond: 2000,
    durationSeconds: 0.25,
    threads: 2,
  });
  expectClean(result);
  expect(result.scheduled).toBe(500);
});

test("send lag is a part of latency, never more", async () => {
  const result = await loadAgainst(tcpEchoServer(), { loop: "open", ratePerSecond: 500, spin: true });
  expectClean(result);
  expect(result.stages["sendLag"]?.meanNs).toBeLessThan(result.latency?.meanNs ?? 0);
});

test("a spinning generator's CPU time says nothing and is null", async () => {
  const result = await loadAgainst(tcpEchoServer(), { loop: "open", spin: true });
  expect(result.clientCpuNs).toBeNull();
});

test("the closed loop records every operation of the window", async () => {
  const result = await loadAgainst(tcpEchoServer(), { warmupSeconds: 0.05, durationSeconds: 0.25 });
  expectClean(result);
  expect(result.latency?.count).toBe(result.operations);
  expect(result.accounting.ok).toBeGreaterThan(result.operations);
  expect(result.windowSeconds).toBe(0.25);
});

test("the series counts every operation of the window, every 10 ms", async () => {
  const result = await loadAgainst(tcpEchoServer(), { durationSeconds: 0.25 });
  expect(result.seriesStepSeconds).toBe(0.01);
  expect(result.series).toHaveLength(25);
  expect(result.series.at(-1)).toBe(result.operations);
  expect(result.series).toEqual(result.series.toSorted((a, b) => a - b));
});

test("requests in flight are throughput times latency in the closed loop", async () => {
  const result = await loadAgainst(tcpEchoServer(), { connections: 8, pipeline: 2, durationSeconds: 0.5 });
  const windowNs = result.windowSeconds * 1e9;
  const { meanNs, latencyNs } = result.latency as Distribution;
  const expected = (result.operations / windowNs) * meanNs;
  expect(result.meanInFlight).toBeLessThanOrEqual(16);
  // At each end of the window, one request in flight is in one of the two and not in the other.
  const slack = 0.05 + (2 * latencyNs.max) / windowNs;
  expect(Math.abs((result.meanInFlight ?? 0) / expected - 1)).toBeLessThan(slack);
});

test("the server's CPU clock is read, and so is the generator's", async () => {
  const result = await loadAgainst(tcpEchoServer(), { serverPids: [process.pid] });
  // Server and generator are one process here, so both clocks are the same but for the moments of reading, which a busy
  // machine may draw apart.
  expect(result.serverCpuNs).toBeGreaterThan(0);
  expect((result.serverCpuNs ?? 0) / (result.clientCpuNs ?? 0)).toBeCloseTo(1, 0);
});

test("a server whose CPU clock cannot be read has none", async () => {
  const result = await loadAgainst(tcpEchoServer(), { serverPids: [process.pid, 2 ** 22] });
  expectClean(result);
  expect(result.serverCpuNs).toBeNull();
});

test("a CPU that does not exist is refused in words", async () => {
  await expect(loadAgainst(tcpEchoServer(), { cpus: [1023] })).rejects.toThrow(
    /pinning a generator thread to CPU 1023/,
  );
});
