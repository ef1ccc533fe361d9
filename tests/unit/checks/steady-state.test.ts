/** What is said of a server that was still becoming faster. */
import { expect, test } from "vitest";
import { applyCheck } from "../../../harness/checks/check.ts";
import { steadyState } from "../../../harness/checks/steady-state.ts";
import type { Check, WarmUp } from "../../../harness/results/run.ts";

const WARM: WarmUp = { seconds: 3, operations: 90_000, settledAfterSeconds: 1, fall: 0.4, cpuNsPerOp: [] };

function check(costs: readonly number[], warmUp: Partial<WarmUp> = {}): Check {
  return applyCheck(steadyState, { steadiness: { costs, warmUp: { ...WARM, ...warmUp } } }) as Check;
}

test("a cost that stays passes", () => {
  expect(check([10, 11, 10, 9, 10, 10])).toMatchObject({ passed: true });
});

test("a cost that falls from cycle to cycle fails, with how much", () => {
  const { passed, value, message } = check([20, 21, 20, 21, 10, 11, 10, 11]);
  expect(passed).toBe(false);
  expect(value).toBeCloseTo(0.49, 2);
  expect(message).toContain("fell by 48.8 %");
});

test("a warm-up that never ended fails, with how long it was and what may help", () => {
  const { passed, message } = check([10, 10, 10, 10], { settledAfterSeconds: null, seconds: 10, fall: 0.3 });
  expect(passed).toBe(false);
  expect(message).toContain("not warmed up after 10.0 s of load");
  expect(message).toContain("--warmup-limit");
});

test("a warm-up without a clear end passes when the cost had all but stopped falling", () => {
  expect(check([10, 10, 10, 10], { settledAfterSeconds: null, fall: 0.06 })).toMatchObject({ passed: true });
});

test("too few cycles show nothing, and it says so", () => {
  expect(check([20, 10])).toMatchObject({ passed: true, value: null });
});

test("a load that is no rotation's is not judged by it", () => {
  expect(applyCheck(steadyState, {})).toBeNull();
});
