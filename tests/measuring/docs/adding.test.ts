/** docs/adding.md, followed word for word in a copy of this project. */
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";

/** What is not the project's own text is only linked. */
const LINKED = new Set(["node_modules", "build"]);
const LEFT_OUT = new Set([".git", "dist", "prebuilds", "results", "extras"]);

const PAGE = readFileSync(join(PROJECT_ROOT, "docs", "adding.md"), "utf8").split("\n## A scenario")[0]!;
let folder: string;

/** The code blocks of a language, in their order. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text]) => text!,
  );
}

async function shell(command: string): Promise<{ status: number; stdout: string; output: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|VITEST)/.test(name)),
  );
  try {
    const { stdout, stderr } = await promisify(execFile)("/bin/sh", ["-c", command], { cwd: folder, env });
    return { status: 0, stdout, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, output: stdout + stderr };
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-adding-"));
  for (const name of readdirSync(PROJECT_ROOT)) {
    if (LEFT_OUT.has(name)) continue;
    if (LINKED.has(name)) symlinkSync(join(PROJECT_ROOT, name), join(folder, name));
    else cpSync(join(PROJECT_ROOT, name), join(folder, name), { recursive: true });
  }
  cpSync(join(PROJECT_ROOT, "extras"), join(folder, "extras"), {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  const [code] = blocks("ts");
  const path = /^\/\/ (\S+)/.exec(code!)![1]!;
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), code!);
});
afterAll(() => rmSync(folder, { recursive: true }));

const [list = "", conformance = "", bench = ""] = blocks("sh");

test("the page has one server and three commands", () => {
  expect([blocks("ts").length, blocks("sh").length]).toEqual([1, 3]);
});

test("its server is found", async () => {
  const { status, output } = await shell(list);
  expect({ status, isFound: output.includes("piped") }).toEqual({ status: 0, isFound: true });
});

test("its server passes every case of the conformance suite", async () => {
  const { status, output } = await shell(conformance);
  expect(status, output).toBe(0);
  expect(output).toMatch(/piped/);
});

test("the bench that the page ends with measures it, or says why this machine could not", async () => {
  // The length is not what the page is about.
  const { status, stdout, output } = await shell(
    `${bench.trim().replace("npm run", "npm run -s")} --generations 1 --json`,
  );
  expect([0, 1], output).toContain(status);
  const run = JSON.parse(stdout) as { cells: { framework: string; samples: unknown[] }[] };
  expect(run.cells.map(({ framework, samples }) => [framework, samples.length])).toEqual([
    ["piped", 1],
    ["node-net", 1],
  ]);
});
