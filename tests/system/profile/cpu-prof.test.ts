/** `readymark profile` with the profiler that Node.js brings along, on real servers. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { readCpuProfile, selfTimes } from "../../../harness/profile/tools/cpu-prof.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-profile-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function profile(...words: string[]): Promise<Ended> {
  const program = join(PROJECT_ROOT, "scripts", "readymark.ts");
  return new Promise((resolve) => {
    execFile(process.execPath, [program, "profile", ...words], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

test.each([
  ["node-net", "echo", /echo-on\.ts|protocols\/tcp\.ts/],
  ["reactor/epoll", "echo", /echo-connection\.ts|reactor\.ts/],
  ["uwebsockets", "echo", /echo-http\.ts/],
])("a profile of %s under %s has samples in what handles a request", async (server, scenario, handler) => {
  const out = join(folder, server.replace("/", "-"));
  const { code, stdout, stderr } = await profile(server, scenario, "--seconds", "2", "--out", out);
  expect(stderr).toContain("Open it in");
  expect(code).toBe(0);
  const files = stdout.trim().split("\n");
  const names = files
    .flatMap((path) => selfTimes(readCpuProfile(join(process.cwd(), path))))
    .map(({ name }) => name);
  expect(names.some((name) => handler.test(name))).toBe(true);
});

test.each([
  { words: [], says: "needs a FRAMEWORK and a SCENARIO" },
  { words: ["node-net", "ecco"], says: 'Did you mean "echo"?' },
  { words: ["node-net", "echo", "--tool", "flme"], says: 'Did you mean "flame"?' },
  { words: ["node-http", "echo", "--protocol", "tcp"], says: "over http and ws only" },
])("profile $words says what is wrong", async ({ words, says }) => {
  const { code, stderr } = await profile(...words);
  expect(stderr).toContain(says);
  expect(code).toBe(2);
});

test("a server that has no JavaScript is refused with the reason", async () => {
  const { code, stderr } = await profile("native-echo/epoll", "echo", "--out", join(folder, "native"));
  expect(stderr).toContain("C++ in a thread of its own");
  expect(code).toBe(4);
  expect(existsSync(join(folder, "native"))).toBe(false);
});

test("an interrupted profile leaves no process", async () => {
  const out = join(folder, "interrupted");
  const program = join(PROJECT_ROOT, "scripts", "readymark.ts");
  const child = execFile(process.execPath, [
    program,
    "profile",
    "node-net",
    "echo",
    "--seconds",
    "30",
    "--out",
    out,
  ]);
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (text: Buffer | string) => {
      if (String(text).includes("loading it")) resolve();
    });
  });
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  const left = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(out));
  expect(left).toEqual([]);
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
