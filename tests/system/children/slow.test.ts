/** The library that makes a server slower from outside: each read costs more, and nothing else changes. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { runLoad } from "../../../harness/children/generator/run-load.ts";
import { commandServer } from "../../../harness/children/server/external-server.ts";
import { environmentOf, NO_SLOWDOWN } from "../../../harness/gate/preload.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { expectClean, jobFor } from "../../fixtures/jobs.ts";

const SERVER = join(PROJECT_ROOT, "tests/measuring/commands/servers/plain-echo.mjs");

/** CPU time of the server for each verified echo, nanoseconds. */
async function costWith(environment: Record<string, string>): Promise<number> {
  const start = commandServer(`exec '${process.execPath}' '${SERVER}'`, environment);
  const server = await start({ protocol: "tcp", cpus: allowedCpus().slice(0, 1), shards: 1, port: 0 });
  try {
    const load = await runLoad(
      jobFor(server.port, { warmupSeconds: 0.3, durationSeconds: 0.3, serverPids: server.pids() }),
    );
    expectClean(load);
    return (load.serverCpuNs ?? Number.NaN) / load.operations;
  } finally {
    await server.stop();
  }
}

test("a server costs more with each read that is made longer, and still echoes", async () => {
  const plain = await costWith({});
  // Far more than anything else does to the cost of an echo.
  expect(await costWith(environmentOf({ ...NO_SLOWDOWN, loops: 500_000 }))).toBeGreaterThan(2 * plain);
});
