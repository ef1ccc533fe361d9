import type { KnipConfig } from "knip";

/** What nobody imports because it is found by reading its folder, started as a program, or part of what the package exports. */
const config: KnipConfig = {
  entry: [
    "frameworks/*/framework.ts",
    "frameworks/*/server.js",
    "scenarios/*.ts",
    "scripts/commands/*.ts",
    "scripts/{readymark,build,format,github-action,sanitize,schema}.ts",
    "harness/index.ts",
    "harness/gate/config.ts",
    "harness/older-node.ts",
    "harness/**/*-process.ts",
    "harness/profile/target.ts",
    "harness/{reports,gate}/formats/*.ts",
    "harness/site/pages/*.ts",
    "harness/site/client/main.ts",
    "harness/micro/pieces/*.ts",
    "reactor/index.ts",
    "{reactor,frameworks/worker-shards}/shard.ts",
    "tests/**/*.test.ts",
    "tests/**/{programs,servers}/*.{ts,mjs}",
    "vitest.*.ts",
  ],
  project: ["**/*.{ts,mjs,js}"],
  // Used by their paths: by binding.gyp, by scripts that start them, and by pages of the browser tests.
  ignoreDependencies: ["node-addon-api", "axe-core", "clang-format-node", "oxfmt"],
  exclude: ["binaries"],
};
export default config;
