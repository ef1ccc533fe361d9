/** Whole gates on real servers, short ones: what is plain must come out plainly, and what cannot be compared is said. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandServer } from "../../../harness/children/server/external-server.ts";
import type { SideServer } from "../../../harness/gate/arms.ts";
import { runGate } from "../../../harness/gate/gate.ts";
import { GATE_SCHEMA, type GateRecord } from "../../../harness/gate/record.ts";
import { readEnvironment } from "../../../harness/machine/environment.ts";
import { discoverScenarios } from "../../../harness/plan/discovery.ts";
import { completeRequest } from "../../../harness/plan/request.ts";
import { selectScenarios } from "../../../harness/plan/selection.ts";
import { hasCpusForBoth } from "../rotation/servers.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-gates-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An echo server in which `body` runs for each message. */
function server(name: string, body = ""): SideServer {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { createServer } from "node:net";
const spin = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("data", (chunk) => { ${body}; socket.write(chunk); });
}).listen(Number(process.env.PORT), "127.0.0.1");
`,
  );
  return {
    ...{ name: "echo", protocols: ["tcp"] },
    source: (environment) => commandServer(`exec '${process.execPath}' '${file}'`, environment),
  };
}

async function gate(base: SideServer, head: SideServer, mostBlocks = 8): Promise<GateRecord> {
  const { plan, options, usualProtocols } = completeRequest({
    ...{ effort: "quick", seed: 1, generations: mostBlocks, connections: [4] },
    ...{ warmupSeconds: 0.6, warmupLimitSeconds: 2, durationSeconds: 0.12 },
  });
  const record: GateRecord = {
    ...{ schema: GATE_SCHEMA, startedAt: new Date().toISOString(), finishedAt: null },
    environment: readEnvironment({}),
    ...{ seed: 1, base: "base", head: "head", mostBlocks, blocks: 0, rejected: [], slowLoops: {} },
    ...{ slowReasons: [], cells: [], verdict: null, reason: null },
  };
  return runGate({
    ...{ base: [base], head: [head], plan, mostBlocks, mostSeconds: 60, record },
    workloads: {
      scenarios: selectScenarios(await discoverScenarios(), ["echo"], "quick"),
      ...{ protocols: ["tcp"], usualProtocols, options },
    },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

describe.runIf(hasCpusForBoth)("the gate", () => {
  test("fails a head that takes many times as long, before all blocks are taken", async () => {
    const record = await gate(server("plain"), server("slow", "spin(0.3)"));
    // A busy machine spoils blocks, and a gate that lost most of them says that it cannot tell.
    if (record.verdict === "environment") return expect(record.rejected).not.toEqual([]);
    expect(record).toMatchObject({ verdict: "fail", finishedAt: expect.any(String) });
    expect(record.blocks).toBeLessThan(8);
    expect(Object.keys(record.slowLoops)).toEqual(["echo over tcp"]);
    const [endpoint] = record.cells[0]?.pairs.head ?? [];
    expect(endpoint?.look?.low).toBeGreaterThan(Math.log1p(0.02));
  });

  test("fails a head that does not echo, with what it does instead", async () => {
    const record = await gate(server("plain"), server("wrong", "chunk[0] ^= 1"));
    expect(record.verdict).toBe("fail");
    expect(record.reason).toMatch(/The head fails: echo does not echo correctly over tcp/);
  });

  test("refuses a base that does not echo, because there is nothing to compare with", async () => {
    await expect(gate(server("wrong", "chunk[0] ^= 1"), server("plain"))).rejects.toThrow(/The base fails/);
  });

  test("refuses a side that never listens, with what it said", async () => {
    const mute: SideServer = {
      ...{ name: "echo", protocols: ["tcp"] },
      source: (environment) => commandServer("exit 3", environment),
    };
    await expect(gate(server("plain"), mute)).rejects.toThrow(
      /The head's echo does not start over tcp: .*code 3/,
    );
  });
});
