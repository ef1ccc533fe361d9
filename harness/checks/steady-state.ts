/**
 * Whether the server was in a steady state: while a warm-up goes on, the average describes nothing that lasts. What is
 * looked at is the cost of the server's own operations from cycle to cycle, beside the other servers of the cycle, because
 * the machine's speed changes too.
 */
import { FALL_LIMIT, fallOf, isFalling } from "../statistics/steadiness.ts";
import { percentage } from "../units.ts";
import type { CheckDefinition, Observation } from "./check.ts";

/** Fewer cycles do not show where the cost was going. */
const FEWEST_CYCLES = 4;

export const steadyState: CheckDefinition<Pick<Observation, "steadiness">> = {
  id: "steady-state",
  title: "steady state",
  compares:
    "by which share the cost per operation fell while it was measured, or in a warm-up that never ended",
  passes: "at most",
  limit: FALL_LIMIT,
  consequence: "not-steady",
  passesUnobserved: true,
  observe: ({ steadiness }) => {
    if (steadiness === undefined) return null;
    const { warmUp, costs } = steadiness;
    if (warmUp.settledAfterSeconds === null && warmUp.fall > FALL_LIMIT) {
      return {
        value: warmUp.fall,
        message:
          `it had not warmed up after ${warmUp.seconds.toFixed(1)} s of load: in the second half of that the cost per ` +
          `operation was ${percentage(warmUp.fall)} below the first, so a longer --warmup-limit may help`,
      };
    }
    if (costs.length < FEWEST_CYCLES)
      return {
        value: null,
        message: `${costs.length} cycles are too few to see whether the cost was falling`,
      };
    const fall = fallOf(costs);
    return {
      value: fall,
      message:
        `from the first half of the cycles to the second the cost per operation ` +
        (fall < 0 ? `rose by ${percentage(-fall)}` : `fell by ${percentage(fall)}`),
      // A fall that chance explains is none.
      passed: !isFalling(costs),
    };
  },
};
