/** What .ci/run says at its end, whatever becomes of the commands that it runs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";

interface Part {
  status: number;
  /** What it writes to the file that it is asked for; nothing when it is null. */
  report: unknown;
}

/** The package passes one test, unless told. */
const PACKAGED: Part = {
  status: 0,
  report: { numPassedTests: 1, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 },
};

/** Runs .ci/run with an npm that only pretends, and returns how it ended and its last line. */
function ci(
  tests: Part,
  sanitizers: Part,
  packaged: Part = PACKAGED,
): { status: number | null; lastLine: string | undefined } {
  const folder = mkdtempSync(join(tmpdir(), "readymark-ci-test-"));
  const write = ({ report }: Part): string =>
    report === null ? ":" : `printf %s '${JSON.stringify(report)}' > "$file"`;
  const npm = [
    "#!/bin/sh",
    "for word; do case $word in --outputFile.json=*) file=${word#*=};; esac; last=$word; done",
    `if [ "$1" = test ]; then ${write(tests)}; echo tested; exit ${tests.status}; fi`,
    `if [ "$1 $2" = "run package:test" ]; then ${write(packaged)}; exit ${packaged.status}; fi`,
    `[ "$1 $2" = "run sanitize" ] || exit 99`,
    `file=$last; ${write(sanitizers)}; echo sanitized; exit ${sanitizers.status}`,
    "",
  ];
  try {
    writeFileSync(join(folder, "npm"), npm.join("\n"), { mode: 0o755 });
    const path = [folder, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const { status, stdout } = spawnSync(join(PROJECT_ROOT, ".ci", "run"), {
      encoding: "utf8",
      env: { ...process.env, PATH: path },
    });
    return { status, lastLine: stdout.trimEnd().split("\n").at(-1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const tested = (numPassedTests: number, numFailedTests: number, numPendingTests: number) => ({
  ...{ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0 },
});
const sanitized = (passed: number, failed: number, skipped: number) => ({ passed, failed, skipped });

test.each([
  {
    what: "all pass",
    tests: { status: 0, report: tested(10, 0, 0) },
    sanitizers: { status: 0, report: sanitized(5, 0, 0) },
    lastLine: "16 passed, 0 failed",
  },
  {
    what: "some are skipped",
    tests: { status: 0, report: tested(10, 0, 2) },
    sanitizers: { status: 0, report: sanitized(5, 0, 1) },
    lastLine: "16 passed, 0 failed, 3 skipped",
  },
  {
    what: "a test fails",
    tests: { status: 1, report: tested(9, 1, 0) },
    sanitizers: { status: 0, report: sanitized(5, 0, 0) },
    lastLine: "15 passed, 1 failed",
  },
  {
    what: "a sanitizer finds something",
    tests: { status: 0, report: tested(10, 0, 0) },
    sanitizers: { status: 1, report: sanitized(3, 2, 0) },
    lastLine: "14 passed, 2 failed",
  },
  {
    what: "the tests end badly although none failed",
    tests: { status: 1, report: tested(10, 0, 0) },
    sanitizers: { status: 0, report: sanitized(5, 0, 0) },
    lastLine: "16 passed, 1 failed",
  },
  {
    what: "the tests crash before they count",
    tests: { status: 134, report: null },
    sanitizers: { status: 0, report: sanitized(5, 0, 0) },
    lastLine: "6 passed, 1 failed",
  },
  {
    what: "the tests count nothing",
    tests: { status: 0, report: null },
    sanitizers: { status: 0, report: sanitized(5, 0, 0) },
    lastLine: "6 passed, 1 failed",
  },
  {
    what: "both crash before they count",
    tests: { status: 1, report: null },
    sanitizers: { status: 1, report: "" },
    lastLine: "1 passed, 2 failed",
  },
  {
    what: "the package cannot be installed",
    tests: { status: 0, report: tested(10, 0, 0) },
    sanitizers: { status: 0, report: sanitized(5, 0, 0) },
    packaged: { status: 1, report: null },
    lastLine: "15 passed, 1 failed",
  },
])(
  "when $what, the last line counts it and the exit code tells it",
  ({ tests, sanitizers, packaged, lastLine }) => {
    const ending = ci(tests, sanitizers, packaged);
    expect(ending.lastLine).toBe(lastLine);
    expect(ending.status).toBe(lastLine.includes(" 0 failed") ? 0 : 1);
  },
);
