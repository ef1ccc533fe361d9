/** The live counters of a generator that runs several loads. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startGenerator } from "../../../harness/children/generator/generator.ts";
import { openCounters } from "../../../harness/children/generator/live-counters.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";

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
