/** `npm run format [-- --check]`: oxfmt for TypeScript, JSON and Markdown, clang-format for C++. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../harness/project.ts";

const isCheck = process.argv.includes("--check");
const nativeFiles = readdirSync(join(PROJECT_ROOT, "native"), { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(cc|h)$/.test(name))
  .map((name) => join("native", name));

for (const [command, args] of [
  ["oxfmt", isCheck ? ["--check", "."] : ["."]],
  ["clang-format", [...(isCheck ? ["--dry-run", "-Werror"] : ["-i"]), ...nativeFiles]],
] as const) {
  const path = join(PROJECT_ROOT, "node_modules", ".bin", command);
  const result = spawnSync(path, args, { cwd: PROJECT_ROOT, stdio: "inherit" });
  if (result.status !== 0) process.exitCode = 1;
}
