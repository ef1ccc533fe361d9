/** The script that `npm run sanitize` runs: how it counts and what it says. The sanitizers themselves run in CI. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-sanitize-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sanitize(compiler: string, ...names: string[]) {
  const temporary = join(folder, "temporary");
  const counts = join(folder, "counts.json");
  mkdirSync(temporary);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/sanitize.ts", "--json", counts, ...names],
    { cwd: PROJECT_ROOT, encoding: "utf8", env: { ...process.env, CXX: compiler, TMPDIR: temporary } },
  );
  const counted = JSON.parse(readFileSync(counts, "utf8")) as Record<string, number>;
  return { status, stdout, stderr, counted, left: readdirSync(temporary) };
}

function script(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
  return path;
}

/** Makes this program of all sources, in a moment where a real compiler takes minutes. */
function compilerOf(program: string): string {
  return script(
    "compiler",
    '[ "$1" = --version ] && exit 0',
    "for output; do :; done",
    `cp '${program}' "$output"`,
  );
}

const LIST = String.raw`[ "$1" = --list ] && exec printf 'a\tgood\t\na\tother\t\nb\tgood\tnot here\n'`;

test("cases that pass are counted, those that cannot run are left out aloud, and no file is left", () => {
  const { status, stdout, counted, left } = sanitize(
    compilerOf(script("passes", LIST, "exit 0")),
    "driver",
    "loadgen",
  );
  expect(stdout).toContain("driver: b was left out: not here");
  expect(stdout).toContain("driver: 2 cases passed, 0 failed under address,undefined.");
  expect(stdout).toContain("loadgen: 2 cases passed, 0 failed under thread.");
  expect({ status, counted, left }).toEqual({
    status: 0,
    counted: { passed: 4, failed: 0, skipped: 2 },
    left: [],
  });
});

test("a case that fails is named with what it said, and the others go on", () => {
  const program = script("fails", LIST, '[ "$2" = good ] || { echo "a race" >&2; exit 66; }');
  const { status, stdout, counted } = sanitize(compilerOf(program), "driver");
  expect(stdout).toContain("driver: a: other: failed (66)\na race");
  expect({ status, counted }).toEqual({ status: 1, counted: { passed: 1, failed: 1, skipped: 1 } });
});

test("a part that does not compile is a failure, and no file is left", () => {
  const compiler = script("broken", '[ "$1" = --version ] || { echo "no such luck" >&2; exit 1; }');
  const { status, stderr, counted, left } = sanitize(compiler);
  expect(stderr).toContain("multiplexer could not be compiled (1):\nno such luck");
  expect({ status, counted, left }).toEqual({
    status: 1,
    counted: { passed: 0, failed: 1, skipped: 0 },
    left: [],
  });
});

test("a part without a case that passes is a failure", () => {
  const program = script("lists-nothing", String.raw`exec printf 'b\tgood\tnot here\n'`);
  const { status, stderr, counted } = sanitize(compilerOf(program), "driver");
  expect(stderr).toContain("Of driver no case passed");
  expect({ status, counted }).toEqual({ status: 1, counted: { passed: 0, failed: 1, skipped: 1 } });
});

test("a missing compiler is named", () => {
  const { status, stderr } = sanitize("no-such-compiler");
  expect(status).toBe(1);
  expect(stderr).toContain("The compiler 'no-such-compiler' is missing");
});

test("an unknown part is refused with the names of the known ones", () => {
  const { status, stderr } = sanitize("no-such-compiler", "nothing");
  expect(status).toBe(1);
  expect(stderr).toMatch(/There is no part 'nothing' to sanitize; there are: [a-z, ]+\./);
});
