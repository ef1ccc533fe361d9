/** Which samples a run still lacks, and which invalid ones it may take once more. */
import { expect, test } from "vitest";
import type { Cell, Run, Sample } from "../../../harness/results/run.ts";
import { nextRetake, remainingSteps } from "../../../harness/run/bench.ts";

function sample(round: number, status: Sample["status"], attempt = 0): Sample {
  return { round, attempt, status } as Sample;
}

function run(samples: Record<string, Sample[]>, retakes: number): Run {
  const cells = Object.entries(samples).map(
    ([id, taken]) => ({ id, status: "pending", samples: taken }) as unknown as Cell,
  );
  return { plan: { seed: 3, rounds: 2, retakes }, cells } as unknown as Run;
}

const names = (steps: { id: string; round: number }[]): string[] =>
  steps.map(({ id, round }) => `${id}${round}`);

test("every round of every cell is a step, rounds one after the other", () => {
  const steps = names(remainingSteps(run({ a: [], b: [], c: [] }, 0)));
  expect(steps.slice(0, 3).toSorted()).toEqual(["a0", "b0", "c0"]);
  expect(steps.slice(3).toSorted()).toEqual(["a1", "b1", "c1"]);
});

test("a resumed run keeps the order of what is left", () => {
  const whole = names(remainingSteps(run({ a: [], b: [], c: [] }, 0)));
  const rest = names(remainingSteps(run({ a: [sample(0, "ok")], b: [], c: [sample(0, "invalid")] }, 0)));
  expect(rest).toEqual(whole.filter((step) => step !== "a0" && step !== "c0"));
});

test("an invalid sample is taken once more while the plan allows it", () => {
  const samples = { a: [sample(0, "ok"), sample(1, "invalid")] };
  expect(nextRetake(run(samples, 1))).toEqual({ id: "a", round: 1, attempt: 1 });
  expect(nextRetake(run(samples, 0))).toBeNull();
});

test("a retake that counts ends the round's attempts", () => {
  const samples = { a: [sample(0, "ok"), sample(1, "invalid"), sample(1, "ok", 1)] };
  expect(nextRetake(run(samples, 5))).toBeNull();
});

test("retakes go first where fewest were made", () => {
  const a = [sample(0, "invalid"), sample(0, "invalid", 1), sample(1, "ok")];
  const b = [sample(0, "ok"), sample(1, "invalid")];
  expect(nextRetake(run({ a, b }, 5))).toEqual({ id: "b", round: 1, attempt: 1 });
});
