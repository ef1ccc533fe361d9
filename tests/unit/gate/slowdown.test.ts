/** How the gate finds out what slows the base down by as much as must be caught. */
import { describe, expect, test } from "vitest";
import { findLoops, SlowdownUnknown, type Tried } from "../../../harness/gate/slowdown.ts";

const GOAL = Math.log(1.05);
const TRIES = [1, 3];

/** A server whose operations cost this many rounds of the loop, and which makes up for some of what is added. */
function serverOf(roundsPerOperation: number, madeUpShare: number) {
  return async (loops: number, blocks: number): Promise<Tried> => ({
    costs: Array.from({ length: blocks }, () => Math.log1p(((1 - madeUpShare) * loops) / roundsPerOperation)),
    spoiled: [],
  });
}

describe("the loops that are found", () => {
  test.each([
    [2000, 0],
    [50_000, 0],
    [50_000, 0.4],
  ])("cost the goal on a server of %i rounds an operation that makes up for %f", async (rounds, share) => {
    const server = serverOf(rounds, share);
    const found = await findLoops(GOAL, TRIES, server);
    if (!("loops" in found)) throw new Error(found.reason);
    const [cost = 0] = (await server(found.loops, 1)).costs;
    expect(Math.expm1(cost)).toBeCloseTo(0.05, 3);
  });
});

test("a server that the loop does not reach has no positive control", async () => {
  const found = await findLoops(GOAL, TRIES, async () => ({ costs: [0.001], spoiled: [] }));
  expect(found).toEqual({ reason: expect.stringContaining("does not read through the C library") as string });
});

test("a server whose CPU time is unknown has none either, and is told so", async () => {
  const found = await findLoops(GOAL, TRIES, async () => ({ costs: [], spoiled: [] }));
  expect(found).toEqual({ reason: "its CPU time cannot be read." });
});

test.each([0, 1])("when the machine spoils all blocks of try %i, nothing is claimed", async (spoiledTry) => {
  const server = serverOf(2000, 0);
  let tries = 0;
  const attempt = async (loops: number, blocks: number): Promise<Tried> =>
    tries++ === spoiledTry ? { costs: [], spoiled: ["steal", "steal"] } : server(loops, blocks);
  const found = findLoops(GOAL, TRIES, attempt);
  await expect(found).rejects.toThrow(SlowdownUnknown);
  await expect(found).rejects.toThrow("the last because: steal");
});
