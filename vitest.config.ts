import { join } from "node:path";
import { defineConfig } from "vitest/config";

const PRELOAD = `--import=${join(import.meta.dirname, "harness", "stripped-types.mjs")}`;

/** For tests that start processes, which take seconds and many times as long beside other work: limits only end what hangs. */
const WITH_PROCESSES = {
  testTimeout: 90_000,
  hookTimeout: 90_000,
  expect: { poll: { timeout: 30_000 } },
  // For the threads and for the processes that they start; the file says why.
  execArgv: [PRELOAD],
  env: { NODE_OPTIONS: `--disable-warning=ExperimentalWarning ${PRELOAD}` },
};

/**
 * `unit` starts no server, `browser` looks at reports in Chromium, `system` has real servers and processes: these share the
 * CPUs, file beside file. `measuring` loads servers to say how fast they are, so its files run one by one, when all else is
 * over.
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
          globalSetup: "tests/browser/chromium-unpacked.ts",
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["tests/system/**/*.test.ts"],
          sequence: { groupOrder: 1 },
          ...WITH_PROCESSES,
          // Many of them wait more than they compute.
          maxWorkers: 2,
          maxConcurrency: 4,
        },
      },
      {
        test: {
          name: "measuring",
          include: ["tests/measuring/**/*.test.ts"],
          sequence: { groupOrder: 2 },
          ...WITH_PROCESSES,
          isolate: false,
          fileParallelism: false,
        },
      },
    ],
  },
});
