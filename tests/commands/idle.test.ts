/** The idle scenario: a crowd that is really there, noticed when it is not, and gone afterwards. */
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { Run } from "../../harness/results/run.ts";
import { benchCommand, readymark, serverCommand, withFolder } from "./command-line.ts";

const SHORT = ["--rounds", "1", "--warmup", "100ms", "--duration", "300ms", "--json"];

function processesRunning(script: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(script);
    } catch {
      return false;
    }
  });
}

test("the server holds the crowd while it is measured, and nobody does afterwards", async () => {
  await withFolder(async (folder) => {
    const { stdout } = await readymark(
      ...[
        "bench",
        "--frameworks",
        "node-net",
        "--scenarios",
        "idle",
        "--idle",
        "0,2000",
        "--out",
        folder,
        ...SHORT,
      ],
    );
    const run = JSON.parse(stdout) as Run;
    expect(run.cells.map(({ parameters }) => parameters["idleConnections"])).toEqual([0, 2000]);
    const [alone, crowded] = run.cells.map(({ samples }) => samples[0]);
    expect(crowded?.status).not.toBe("failed");
    // A connection costs the server at least a kilobyte, so a crowd that was really there shows in its memory.
    expect(crowded?.serverRssBytes ?? 0).toBeGreaterThan((alone?.serverRssBytes ?? 0) + 2000 * 1024);
    expect(processesRunning("harness/crowd/process.ts")).toEqual([]);
  });
});

test("a server that drops silent connections is failed", async () => {
  const { run, outcome } = await benchCommand(
    serverCommand("drops-silent.mjs"),
    ...["--scenarios", "idle", "--idle", "50"],
  );
  expect(run.cells[0]).toMatchObject({ status: "failed", summary: null });
  expect(run.cells[0]?.reason).toContain("Of 50 idle connections 50 were lost");
  expect(outcome.code).toBe(1);
});

test("a protocol that the scenario is not measured over is said", async () => {
  const outcome = await readymark(
    "bench",
    "--frameworks",
    "node-net",
    "--scenarios",
    "idle",
    "--protocols",
    "ws",
  );
  expect(outcome.stderr).toContain("The scenario idle is measured over tcp only.");
  expect(outcome.code).toBe(2);
});
