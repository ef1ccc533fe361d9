import { defineConfig } from "vitest/config";

/** Installs the package in an empty folder, on several versions of Node.js; it asks the npm registry, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    name: "package",
    include: ["tests/package/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 300_000,
    // It packs, which builds, and installs from the registry, beside the sanitizers.
    hookTimeout: 900_000,
  },
});
