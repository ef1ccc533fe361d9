/** The idle scenario: connections that are really there, noticed when it is not, and gone afterwards. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import type { Run } from "../../../harness/results/run.ts";
import { benchCommand, readymark, refusal, serverCommand, withFolder } from "./command-line.ts";

function processesRunning(script: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(script);
    } catch {
      return false;
    }
  });
}

test("the server holds all idle connections while it echoes, and nobody does afterwards", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "connections");
    const { run } = await benchCommand(
      serverCommand("counts-connections.mjs", file),
      ...["--scenarios", "idle", "--idle", "0,2000", "--connections", "4", "--trace", "none"],
    );
    expect(run.cells.map(({ parameters }) => parameters["idleConnections"])).toEqual([0, 2000]);
    expect(run.cells.filter(({ status }) => status === "failed")).toEqual([]);
    const seen = readFileSync(file, "utf8").trim().split("\n").map(Number);
    expect(Math.max(...seen)).toBe(2004);
    const holder = join(PROJECT_ROOT, "harness/children/idle-connections/idle-process.ts");
    expect(processesRunning(holder)).toEqual([]);
  });
});

test("more idle connections than the descriptor limit allows are refused before anything runs, with what is needed and what there is", async () => {
  const { message, code } = await refusal(
    "bench",
    ...["--command", "true", "--protocols", "tcp", "--scenarios", "idle", "--idle", "0,900000"],
    ...["--connections", "1"],
  );
  expect(message).toMatch(
    /900,000 idle and 1 active connections need 900,101 file descriptors in the server's process, and the hard limit is [\d,]+\./,
  );
  expect(message).toContain("prlimit --pid $$ --nofile=900101:900101");
  expect(code).toBe(4);
});

test("more connections than one process may hold are held by several, on one port", async () => {
  await withFolder(async (out) => {
    const { stdout } = await readymark(
      ...["bench", "--json", "--out", out, "--frameworks", "reactor/epoll", "--protocols", "tcp"],
      ...["--scenarios", "idle", "--idle", "1000", "--connections", "4", "--server-processes", "3"],
      ...["--generations", "1", "--duration", "300ms", "--warmup", "100ms", "--warmup-limit", "200ms"],
      ...["--trace", "none"],
    );
    const run = JSON.parse(stdout) as Run;
    const [sample] = run.cells[0]!.samples;
    expect(run.plan.serverProcesses).toBe(3);
    expect(sample?.connectionsPerShard).toHaveLength(3);
    expect(Math.min(...sample!.connectionsPerShard!)).toBeGreaterThan(0);
    expect(sample?.status).not.toBe("failed");
    expect(sample?.idleKernelBytes).toBeGreaterThan(1000 * 1000);
  });
});

test("a server that drops silent connections is failed", async () => {
  const { run, outcome } = await benchCommand(
    serverCommand("drops-silent.mjs"),
    ...["--scenarios", "idle", "--idle", "50", "--trace", "none"],
  );
  expect(run.cells[0]).toMatchObject({ status: "failed", summary: null });
  expect(run.cells[0]?.reason).toContain("Of 50 idle connections 50 were lost");
  expect(outcome.code).toBe(1);
});

test("a protocol that the scenario is not measured over is said", async () => {
  const { message, code } = await refusal(
    "bench",
    ...["--frameworks", "node-net", "--scenarios", "idle", "--protocols", "ws"],
  );
  expect(message).toContain("The scenario idle is measured over tcp only.");
  expect(code).toBe(2);
});
