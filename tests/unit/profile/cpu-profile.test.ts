/** What a profile of V8 says about functions. */
import { expect, test } from "vitest";
import { selfTimes, type CpuProfile } from "../../../harness/profile/tools/cpu-prof.ts";

const frame = (functionName: string, url = "", lineNumber = 0) => ({ functionName, url, lineNumber });

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(idle)") },
    { id: 2, callFrame: frame("echo", "file:///home/someone/frameworks/net/echo.ts", 9) },
    // The same function, called from elsewhere.
    { id: 3, callFrame: frame("echo", "file:///home/someone/frameworks/net/echo.ts", 9) },
    { id: 4, callFrame: frame("", "node:net", 4) },
  ],
  samples: [1, 2, 3, 4],
  timeDeltas: [500_000, 100_000, 200_000, 50_000],
};

test("adds the samples of a function up, wherever it was called from, most time first", () => {
  expect(selfTimes(PROFILE).map(({ name }) => name)).toEqual([
    "(waiting, or native code outside JavaScript)",
    "echo (net/echo.ts:10)",
    "(anonymous) (node:net:5)",
  ]);
});

test("counts in seconds", () => {
  expect(selfTimes(PROFILE)[1]?.seconds).toBeCloseTo(0.3, 12);
});
