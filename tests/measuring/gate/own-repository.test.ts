/** The gate in somebody's own repository: two commits of a server that has nothing to do with this project. */
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processTree } from "../../../harness/machine/proc.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import type { GateRecord } from "../../../harness/results/gate.ts";
import { gateProblems } from "../../../harness/results/validate.ts";
import { hasCpusForBoth } from "../rotation/servers.ts";

let folder: string;

const server = (body: string): string => `import { createServer } from "node:net";
import { MADE } from "./made.mjs";
const spin = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("data", (chunk) => { ${body}; socket.write(chunk); });
}).listen(Number(process.env.PORT), "127.0.0.1");
if (!MADE) process.exit(1);
`;

const CONFIG = `export default {
  base: "before", head: "after", systemCalls: "off", connections: [4], durationSeconds: 0.12, warmupSeconds: 0.6,
  targets: [{ name: "api", command: "exec '${process.execPath}' server.mjs", setup: "sh setup.sh" }],
  budget: { blocks: 8, minutes: 2 },
};
`;

function git(...args: string[]): void {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
  execFileSync("git", ["-C", folder, ...identity, ...args], { stdio: "ignore" });
}

function commit(name: string, files: Record<string, string>): void {
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  git("add", ".");
  git("commit", "--allow-empty", "-m", name);
  git("tag", name);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-repository-"));
  git("init", "-q");
  const made = "echo 'export const MADE = true;' > made.mjs\n";
  commit("before", { "server.mjs": server(""), "readymark.config.mjs": CONFIG, "setup.sh": made });
  commit("after", { "server.mjs": server("spin(0.3)") });
  commit("broken", { "server.mjs": "process.exit(3);" });
  commit("unbuildable", { "setup.sh": "echo no compiler >&2; exit 7\n" });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Temporary folders of this process's gates, which are gone when they are over. */
const leftOf = (pid: number): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`readymark-gate-${pid}-`));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  pid: number;
}

function start(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(PROJECT_ROOT, "scripts", script), ...args], {
    ...{ cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const outcome = Promise.all([text(child.stdout), text(child.stderr), ended]).then(
    ([stdout, stderr, code]): Ended => ({ code, stdout, stderr, pid: child.pid as number }),
  );
  return { child, outcome };
}

const gate = (...args: string[]) =>
  start("readymark.ts", ["gate", "--config", "readymark.config.mjs", ...args]);

describe.runIf(hasCpusForBoth)("the gate in another repository", () => {
  test("as GitHub runs it: an annotation, a summary, outputs, and reports for machines", async () => {
    const [out, summary, outputs] = ["out", "summary", "outputs"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const { code, stdout, pid } = await start("github-action.ts", [], {
      ...{ READYMARK_BASE: "before", READYMARK_HEAD: "after", READYMARK_CONFIG: "readymark.config.mjs" },
      ...{ READYMARK_BUDGET: "10", READYMARK_MIN_EFFECT: "5", READYMARK_ON_INCONCLUSIVE: "fail" },
      ...{ READYMARK_OUT: out, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs },
    }).outcome;
    const record = JSON.parse(readFileSync(join(out, "gate.json"), "utf8")) as GateRecord;
    expect(gateProblems(record)).toEqual([]);
    // The change is so plain that only a machine that cannot tell keeps the gate from failing, and not all blocks are taken.
    expect(["fail", "environment"]).toContain(record.verdict);
    expect(code).toBe(record.verdict === "fail" ? 1 : 4);
    if (record.verdict === "fail") {
      expect(record.reason).toMatch(/^The head is worse than the base .*api, echo over tcp/);
      expect(record.blocks).toBeLessThan(8);
      expect(Object.keys(record.slowdowns)).toEqual(["api over tcp"]);
    }
    expect(stdout).toMatch(/^::(error|warning) title=readymark gate::/m);
    expect(readFileSync(summary, "utf8")).toBe(readFileSync(join(out, "gate.md"), "utf8"));
    expect(readFileSync(outputs, "utf8")).toContain(
      `verdict=${record.verdict}\nreport-path=${out}\nmin-detectable=`,
    );
    expect(readFileSync(join(out, "gate.junit.xml"), "utf8")).toContain("<testsuites>");
    expect(leftOf(pid)).toEqual([]);
  });

  test.each([
    {
      how: "a base that does not exist",
      args: ["--base", "nowhere"],
      message: /no commit and no folder "nowhere"/,
    },
    {
      how: "a head that cannot be set up",
      args: ["--head", "unbuildable"],
      message: /cannot be made ready: its set-up exited with code 7\.\nno compiler/,
    },
    {
      how: "a head that ends at once",
      args: ["--head", "broken"],
      message: /The head's api does not start over tcp: .*code 3/,
    },
  ])("$how is refused, and nothing is left", async ({ args, message }) => {
    const { code, stderr, pid } = await gate(...args).outcome;
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(leftOf(pid)).toEqual([]);
  });

  test("that measured nothing, as GitHub runs it: the reason is annotated, and no record of an earlier gate is taken for its own", async () => {
    const [out, outputs] = [join(folder, "stale"), join(folder, "stale-outputs")];
    mkdirSync(out);
    writeFileSync(join(out, "gate.json"), JSON.stringify({ verdict: "pass", cells: [], margins: {} }));
    const { code, stdout } = await start("github-action.ts", [], {
      ...{ READYMARK_BASE: "nowhere", READYMARK_HEAD: "after", READYMARK_CONFIG: "readymark.config.mjs" },
      ...{ READYMARK_ON_INCONCLUSIVE: "pass", READYMARK_OUT: out, GITHUB_OUTPUT: outputs },
    }).outcome;
    expect(code).toBe(2);
    expect(stdout).toMatch(/^::error title=readymark gate::There is no commit and no folder "nowhere"/m);
    expect(readFileSync(outputs, "utf8")).toBe("verdict=\nreport-path=\nmin-detectable=\n");
  });

  test("Ctrl-C leaves no process, folder or lock", async () => {
    const { child, outcome } = gate();
    while (processTree(child.pid as number).length < 5 && child.exitCode === null) await delay(5);
    const tree = processTree(child.pid as number);
    child.kill("SIGINT");
    const { code, stderr, pid } = await outcome;
    expect(stderr).toContain("stopped by SIGINT; nothing is left running");
    expect(code).toBe(130);
    while (tree.some((one) => existsSync(`/proc/${one}`))) await delay(5);
    expect(leftOf(pid)).toEqual([]);
    // The next one gets the lock.
    expect((await gate("--base", "nowhere").outcome).code).toBe(2);
  });
});
