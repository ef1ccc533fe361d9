/** Jobs for the load generator's tests, and what must hold for every result. */
import { expect } from "vitest";

import { runLoad } from "../../harness/children/generator/run-load.ts";
import type { LoadJob } from "../../harness/children/generator/job.ts";
import { ERROR_CLASSES, type ErrorClass, type LoadResult } from "../../harness/results/run.ts";
import type { TestServer } from "./servers.ts";

export function jobFor(port: number, changes: Partial<LoadJob> = {}): LoadJob {
  return {
    loop: "closed",
    protocol: "tcp",
    host: "127.0.0.1",
    port,
    connections: 4,
    payloadBytes: 64,
    pipeline: 1,
    ratePerSecond: 500,
    arrivals: "poisson",
    closeMode: "fin",
    seed: 7,
    warmupSeconds: 0,
    durationSeconds: 0.1,
    timeoutSeconds: 10,
    threads: 1,
    cpus: [],
    spin: false,
    serverPids: [],
    ...changes,
  };
}

export function totalErrors(result: LoadResult): number {
  return ERROR_CLASSES.reduce((sum, name) => sum + result.accounting.errors[name], 0);
}

export function expectAccounted(result: LoadResult): void {
  const { sent, ok, inFlight } = result.accounting;
  expect(sent).toBe(ok + totalErrors(result) + inFlight);
}

/** Everything that was sent came back verified, and something did. */
export function expectClean(result: LoadResult): void {
  expect(result.accounting.firstError).toBeNull();
  expectAccounted(result);
  expect(result.accounting.ok).toBe(result.accounting.sent);
  expect(result.operations).toBeGreaterThan(0);
}

/** The run failed in this way and in no other, with its accounting intact. */
export function expectOnly(result: LoadResult, kind: ErrorClass, words: RegExp): void {
  expect(result.accounting.firstError).toMatch(words);
  expectAccounted(result);
  expect(result.accounting.errors[kind]).toBeGreaterThan(0);
  expect(totalErrors(result)).toBe(result.accounting.errors[kind]);
}

/** Runs one load against a server and closes the server, whatever happens. */
export async function loadAgainst(
  starting: Promise<TestServer>,
  changes: Partial<LoadJob> = {},
): Promise<LoadResult> {
  const server = await starting;
  try {
    return await runLoad(jobFor(server.port, changes));
  } finally {
    await server.close();
  }
}
