import { join } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * Three tiers, one after another. `unit` starts no server and shares the CPUs; `system` has real servers under real load,
 * so its files run one by one, and within a file only what does not mind runs side by side; `browser` looks at reports in
 * Chromium.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          sequence: { groupOrder: 0 },
          // They keep no state, so files may share what they import, which costs more than most of them do.
          isolate: false,
          maxWorkers: 2,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["tests/system/**/*.test.ts"],
          sequence: { groupOrder: 2 },
          // For the threads that tests start in their own process.
          execArgv: [`--import=${join(import.meta.dirname, "tests", "system", "stripped-types.mjs")}`],
          fileParallelism: false,
          // Guards against what hangs; beside other work a test may take many times its usual time.
          testTimeout: 90_000,
          hookTimeout: 90_000,
          maxConcurrency: 4,
        },
      },
    ],
  },
});
