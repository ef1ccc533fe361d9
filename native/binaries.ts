/**
 * Where the native part is: `build/Release` where it was built, or `prebuilds/` in a package that brings it along. The programs
 * lie beside the addon and have its tags in their names (`supervise.napi.glibc` beside `readymark.napi.glibc.node`).
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json: above `native/`, or above `dist/native/` where the package's code is what tsc made of it. */
export const PACKAGE_ROOT = packageRoot(dirname(fileURLToPath(import.meta.url)));

/** The addon's path; null when it is neither built nor brought along for this platform, processor and libc. */
export const ADDON: string | null = findAddon();

/** The path of a native program or library; what it would be in `build/Release` when nothing is there at all. */
export function nativeFile(name: string): string {
  if (ADDON === null) return join(PACKAGE_ROOT, "build", "Release", name);
  const tags = basename(ADDON).slice("readymark".length, -".node".length);
  return join(dirname(ADDON), `${name}${tags}`);
}

function findAddon(): string | null {
  const find = createRequire(import.meta.url)("node-gyp-build") as { path(root: string): string };
  try {
    return find.path(PACKAGE_ROOT);
  } catch {
    return null;
  }
}

function packageRoot(folder: string): string {
  const above = dirname(folder);
  return existsSync(join(above, "package.json")) ? above : packageRoot(above);
}
