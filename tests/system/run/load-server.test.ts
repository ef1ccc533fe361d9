/** How a scenario's load reaches a server. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openCounters } from "../../../harness/children/generator/live-counters.ts";
import type { LoadResult } from "../../../harness/results/run.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { startGenerator } from "../../../harness/children/generator/generator.ts";
import { loadServer, type Loading } from "../../../harness/run/load-server.ts";
import latency from "../../../scenarios/latency.ts";

test("who watches the second load of a generator sees its own phases", async () => {
  const cpus = allowedCpus();
  const generator = startGenerator(cpus);
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const job = {
    loop: "closed",
    protocol: "tcp",
    host: "127.0.0.1",
    port,
    connections: 1,
    payloadBytes: 1,
  } as const;
  const timing = {
    pipeline: 1,
    seed: 1,
    warmupSeconds: 0,
    durationSeconds: 0.5,
    timeoutSeconds: 5,
    threads: 1,
  };
  const phases: string[] = [];
  try {
    for (let load = 0; load < 2; load++) {
      await generator.run({ ...job, ...timing, cpus: [], spin: false, serverPids: [] }, (path) =>
        phases.push(openCounters(path)().phase),
      );
    }
    expect(phases).toHaveLength(2);
    expect(phases).not.toContain("done");
  } finally {
    await generator.stop();
    server.close();
  }
});

/** So low that even a starved machine is far faster at full speed. */
const RATE = 20;
const PAYLOAD_BYTES = 64;
const WARMUP_SECONDS = 0.3;
const DURATION_SECONDS = 0.2;
/** What the rate alone would have sent. */
const OFFERED = RATE * (WARMUP_SECONDS + DURATION_SECONDS);

/** Offers the rate to a server that answers each chunk with what `answer` makes of it. */
async function latencyOf(answer: (chunk: Buffer) => Buffer): Promise<LoadResult> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => socket.write(answer(chunk)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cpus = allowedCpus();
  const generator = startGenerator(cpus);
  const ratePerSecond = RATE;
  const payloadBytes = PAYLOAD_BYTES;
  try {
    return await loadServer({
      cell: {
        protocol: "tcp",
        parameters: { ratePerSecond, connections: 4, payloadBytes, arrivals: "constant" },
      },
      scenario: latency,
      plan: { clientCpus: cpus, serverCpus: cpus, timeoutSeconds: 5 },
      ...{ seed: 1, warmupSeconds: WARMUP_SECONDS, durationSeconds: DURATION_SECONDS },
      ...{ serverPids: [], generator, idleConnections: [] },
      server: { host: "127.0.0.1", port: (server.address() as AddressInfo).port } as Loading["server"],
      onCounters: () => undefined,
    });
  } finally {
    await generator.stop();
    server.close();
  }
}

test("an open loop warms the server up at full speed, and then offers its rate", async () => {
  let bytes = 0;
  const load = await latencyOf((chunk) => {
    bytes += chunk.length;
    return chunk;
  });
  expect(load.scheduled).toBeLessThan(2 * RATE * DURATION_SECONDS);
  expect(bytes / PAYLOAD_BYTES / OFFERED).toBeGreaterThan(5);
});

test("a server that errs only at full speed is found out in the warm-up", async () => {
  let answers = 0;
  const load = await latencyOf((chunk) => {
    answers += 1;
    if (answers > 2 * OFFERED) chunk[0] = (chunk[0] ?? 0) ^ 1;
    return chunk;
  });
  expect(load.accounting.errors.corrupt).toBeGreaterThan(0);
});
