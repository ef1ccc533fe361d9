/** Gates replayed from recorded blocks decide as live ones do. */
import { expect, test } from "vitest";
import { nextKind, TRIAL_KINDS } from "../../../harness/proof/kinds.ts";
import { replay } from "../../../harness/proof/replay.ts";
import { proofBadges, summaryText } from "../../../harness/proof/summary.ts";
import { fixtureTrial } from "../../fixtures/trials.ts";

const trialsOf = (kind: string, count = 8) =>
  Array.from({ length: count }, (_, index) => fixtureTrial(kind, index + 1));

test("blocks in which nothing changed pass", () => {
  const found = replay(trialsOf("same"), () => "head", 100);
  expect(found).toMatchObject({ blocks: 80, gates: 100, verdicts: { fail: 0 } });
  expect(found?.verdicts.pass).toBeGreaterThan(90);
});

test("blocks with a change that must be caught fail", () => {
  expect(replay(trialsOf("cpu-5"), () => "head", 100)?.verdicts.fail).toBeGreaterThan(90);
});

test("another server of the blocks can play the head", () => {
  expect(replay(trialsOf("same"), () => "base slowed", 100)?.verdicts.fail).toBeGreaterThan(90);
});

test("trials that are left out give no blocks, and fewer blocks than a gate takes give no replays", () => {
  const some = trialsOf("same", 5);
  expect(replay(some, ({ seed }) => (seed > 1 ? "head" : null), 10)?.blocks).toBe(40);
  expect(replay(some, ({ seed }) => (seed > 2 ? "head" : null), 10)).toBeNull();
});

test("the same seed replays the same gates", () => {
  const trials = trialsOf("same");
  expect(replay(trials, () => "head", 50, 3)).toEqual(replay(trials, () => "head", 50, 3));
});

test("the kind that is furthest behind its weight comes next", () => {
  expect(nextKind(new Map()).name).toBe("same");
  expect(nextKind(new Map([["same", 1]])).name).toBe("cpu-5");
  const done = new Map(TRIAL_KINDS.map(({ name, weight }) => [name, weight]));
  expect(nextKind(new Map([...done, ["call", 1]])).name).toBe("call");
});

test("the page counts live trials with exact bounds, and names those that were not right", () => {
  const wrong = { ...fixtureTrial("cpu-5", 9), verdict: "pass" as const, reason: "It slipped through." };
  const page = summaryText([...trialsOf("same", 5), ...trialsOf("cpu-5", 4), wrong]);
  expect(page).toContain("There are 10 so far, on one machine: a machine.");
  // None of 5: the exact interval ends at 1 - 0.025^(1/5).
  expect(page).toMatch(
    /\| nothing: the base itself \|.*\| 5 \| 0 \| 5 \| 0 \| 0 \| 0\.0 % \\\[0\.0 % to 52\.2 %\\\]/,
  );
  expect(page).toContain("It slipped through.");
});

test("badges have the two rates that matter, and none where nothing was tried", () => {
  expect(proofBadges(trialsOf("same", 5))).toEqual([
    { label: "failed without a change", value: "0 of 5 [0.0 % to 52.2 %]" },
  ]);
  expect(proofBadges([])).toEqual([]);
});
