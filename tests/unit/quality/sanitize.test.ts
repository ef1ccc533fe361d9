/** The native suites again, compiled with sanitizers by the script that `npm run sanitize` runs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { PROJECT_ROOT } from "../../../harness/project.ts";
import { listNativeCases } from "../../system/native-program.ts";

function sanitize(args: readonly string[], environment: Record<string, string>) {
  return spawnSync(process.execPath, ["scripts/sanitize.ts", ...args], {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
}

test("every case passes under its sanitizers, and nothing is left", { timeout: 600_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "readymark-sanitize-test-"));
  try {
    const { status, stdout, stderr } = sanitize([], { TMPDIR: folder });
    expect(status, `${stdout}${stderr}`).toBe(0);
    const runnable = async (program: string): Promise<number> =>
      (await listNativeCases(program)).filter(({ obstacle }) => obstacle === null).length;
    const count = { multiplexer: await runnable("multiplexer_test"), driver: await runnable("driver_test") };
    expect(stdout).toContain(
      `multiplexer: ${count.multiplexer} cases passed, 0 failed under address,undefined.`,
    );
    expect(stdout).toContain(`driver: ${count.driver} cases passed, 0 failed under address,undefined.`);
    expect(stdout).toMatch(/loadgen: [1-9]\d* cases passed, 0 failed under thread\./);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a missing compiler is named", () => {
  const { status, stderr } = sanitize([], { CXX: "no-such-compiler" });
  expect(status).toBe(1);
  expect(stderr).toContain("The compiler 'no-such-compiler' is missing");
});

test("an unknown part is refused with the names of the known ones", () => {
  const { status, stderr } = sanitize(["nothing"], {});
  expect(status).toBe(1);
  expect(stderr).toContain(
    "There is no part 'nothing' to sanitize; there are: multiplexer, driver, loadgen.",
  );
});
