/** Sides of the gate that are commits or folders. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkOut, checkoutsFolder, ownCheckouts } from "../../../harness/gate/checkout.ts";
import { sidesOf } from "../../../harness/gate/sides.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";

let folder: string;

beforeAll(() => {
  folder = checkoutsFolder();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const check = (reference: string) => checkOut(reference, ownCheckouts(folder, new AbortController().signal));

test("a name that is neither a commit nor a folder is refused with what to do", async () => {
  const checkout = check("no-such-branch");
  await expect(checkout).rejects.toMatchObject({ exitCode: 2 });
  await expect(checkout).rejects.toThrow(/no commit and no folder "no-such-branch".*git fetch/);
});

test("a folder is taken as it is", async () => {
  expect(await check(PROJECT_ROOT)).toEqual({
    root: PROJECT_ROOT,
    description: PROJECT_ROOT,
  });
});

test("a folder without servers is refused", async () => {
  const empty = mkdtempSync(join(tmpdir(), "readymark-empty-"));
  const tools = { folder, signal: new AbortController().signal, say: () => undefined };
  const sides = sidesOf({ base: empty, head: empty, targets: null, frameworks: null }, ["tcp"], tools);
  await expect(sides).rejects.toThrow(/no folder frameworks\//);
  rmSync(empty, { recursive: true });
});

test("what a killed gate left behind is removed by the next", () => {
  // Process numbers end before this one.
  const left = join(tmpdir(), "readymark-gate-99999999-left");
  mkdirSync(left);
  rmSync(checkoutsFolder(), { recursive: true });
  expect(existsSync(left)).toBe(false);
});
