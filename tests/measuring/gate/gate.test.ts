/** Gates of servers that do not do their work: there is nothing to compare, and who is at fault is said. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandServer } from "../../../harness/children/server/external-server.ts";
import type { SideServer } from "../../../harness/gate/arms.ts";
import { runGate } from "../../../harness/gate/gate.ts";
import { prepareGate } from "../../../harness/gate/request.ts";
import type { GateRecord, SystemCallPolicy } from "../../../harness/results/gate.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { findTracer } from "../../../harness/machine/tracers/find-tracer.ts";
import { gateProblems } from "../../../harness/results/validate.ts";
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

async function gate(
  base: SideServer,
  head: SideServer,
  systemCalls: SystemCallPolicy = "off",
): Promise<GateRecord> {
  const prepared = await prepareGate(
    {
      ...{ seed: 1, mostBlocks: 8, mostMinutes: 1, connections: [4], systemCalls },
      ...{ warmupSeconds: 0.6, durationSeconds: 0.12 },
    },
    { base: "base", head: "head" },
  );
  return runGate({
    ...{ ...prepared, plan: { ...prepared.plan, warmupLimitSeconds: 2 }, base: [base], head: [head] },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

describe.runIf(hasCpusForBoth)("the gate", () => {
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

  test("fails a head that makes one more system call, without a block", async ({ skip }) => {
    const found = await findTracer(allowedCpus());
    if (found.tracer === null) skip(found.reason);
    const record = await gate(server("plain"), server("curious", "void process.ppid"), "fail");
    // Its name is known to some tracers; to others it is one of the other calls.
    expect(Object.values(record.systemCalls[0]?.more ?? {})).toEqual([expect.closeTo(1, 1)]);
    expect(record).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(/^The head makes more system calls .*in echo, echo over tcp/),
      blocks: 0,
    });
    expect(gateProblems(record)).toEqual([]);
  });
});
