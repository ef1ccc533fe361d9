/** How a scenario's load reaches a server. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openCounters } from "../../harness/load/counters.ts";
import { allowedCpus } from "../../harness/run/cpus.ts";
import { startGenerator } from "../../harness/run/generator.ts";
import { loadServer, type Loading } from "../../harness/run/load-server.ts";
import latency from "../../scenarios/latency.ts";

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
    durationSeconds: 0.05,
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
    expect(phases).not.toContain("done");
  } finally {
    await generator.stop();
    server.close();
  }
});

test("an open loop warms the server up at full speed, and then offers its rate", async () => {
  let bytes = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      socket.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cpus = allowedCpus();
  const generator = startGenerator(cpus);
  const [ratePerSecond, payloadBytes] = [100, 64];
  const [warmupSeconds, durationSeconds] = [0.3, 0.2];
  try {
    const load = await loadServer({
      cell: {
        protocol: "tcp",
        parameters: { ratePerSecond, connections: 4, payloadBytes, arrivals: "constant" },
      },
      scenario: latency,
      plan: { clientCpus: cpus, serverCpus: cpus, timeoutSeconds: 5 },
      ...{ seed: 1, warmupSeconds, durationSeconds, serverPids: [], generator, crowds: [] },
      server: { host: "127.0.0.1", port: (server.address() as AddressInfo).port } as Loading["server"],
      onCounters: () => undefined,
    });
    expect(load.scheduled).toBeLessThan(2 * ratePerSecond * durationSeconds);
    const offered = ratePerSecond * (warmupSeconds + durationSeconds);
    expect(bytes / payloadBytes / offered).toBeGreaterThan(5);
  } finally {
    await generator.stop();
    server.close();
  }
});
