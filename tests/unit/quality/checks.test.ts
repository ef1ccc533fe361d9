/** Types, lint and format are tests too, so that one command and one count cover everything. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";

const bin = (name: string): string => join(PROJECT_ROOT, "node_modules", ".bin", name);

test.each([
  { what: "types", command: bin("tsc"), args: [] },
  { what: "types of what browsers run", command: bin("tsc"), args: ["-p", "harness/site/client"] },
  { what: "nothing unused", command: bin("knip"), args: ["--no-progress"] },
  { what: "lint", command: bin("oxlint"), args: ["--deny-warnings"] },
  { what: "format", command: process.execPath, args: ["scripts/format.ts", "--check"] },
])("$what", { timeout: 120_000 }, ({ command, args }) => {
  const result = spawnSync(command, args, { cwd: PROJECT_ROOT, encoding: "utf8" });
  expect(result.error).toBeUndefined();
  expect(result.status, `${result.stdout}${result.stderr}`.slice(-4000)).toBe(0);
});
