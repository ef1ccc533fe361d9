/**
 * `npm run build`: what the package holds and a clone does not. `dist/` is the code as JavaScript with its types, because Node.js
 * strips no types below node_modules; `prebuilds/` is the native part for this platform, so that most users need no compiler.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, extname, join } from "node:path";
import { PROJECT_ROOT } from "../harness/project.ts";
import { nativeFile } from "../native/binaries.ts";

const DIST = join(PROJECT_ROOT, "dist");
const PREBUILDS = join(PROJECT_ROOT, "prebuilds");
/** What of the native part a user runs; the rest of it are tests. */
const NATIVE_FILES = ["slow.node", "supervise", "nullserver", "floor", "connection"];
/** Folders of which plain JavaScript is shipped as it is. */
const PLAIN_JAVASCRIPT = ["frameworks", "extras/runtimes"];

/** How the texts of a clone call something, and how those of a package do. The first that fits is taken. */
const SPELLINGS: readonly [RegExp, string][] = [
  [/npm run (-s )?readymark -- /g, "npx readymark "],
  [/npm run (-s )?gate:prove( --)?/g, "npx readymark gate-prove"],
  [/npm run (-s )?(bench|dashboard|micro)( --)?(?=\W)/g, "npx readymark $2"],
  [/npm run runtimes:install/g, "npm install bun deno"],
  [/npm run profilers:install/g, "npm install clinic"],
  [/npm run (setup|build(:native)?)/g, "npm rebuild readymark"],
  [/(autocannon is not installed\. Install it with: )npm ci/g, "$1npm install autocannon"],
];

writeCode();
writePrebuilds();

function writeCode(): void {
  rmSync(DIST, { recursive: true, force: true });
  for (const config of ["tsconfig.package.json", "harness/site/client/tsconfig.package.json"])
    execFileSync(join(PROJECT_ROOT, "node_modules", ".bin", "tsc"), ["-p", config], {
      cwd: PROJECT_ROOT,
      stdio: "inherit",
    });
  for (const folder of PLAIN_JAVASCRIPT)
    for (const file of filesBelow(join(PROJECT_ROOT, folder), [".js"])) {
      const target = join(DIST, file.slice(PROJECT_ROOT.length));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(file, target);
    }
  for (const file of filesBelow(DIST, [".js"])) {
    const text = readFileSync(file, "utf8");
    const spelled = SPELLINGS.reduce((so, [words, others]) => so.replaceAll(words, others), text);
    if (spelled !== text) writeFileSync(file, spelled);
  }
  chmodSync(join(DIST, "scripts", "readymark.js"), 0o755);
}

/** Each under the tags by which node-gyp-build chooses: Node-API, which every version of Node.js loads, and the libc. */
function writePrebuilds(): void {
  rmSync(PREBUILDS, { recursive: true, force: true });
  const folder = join(PREBUILDS, `${process.platform}-${process.arch}`);
  mkdirSync(folder, { recursive: true });
  const tags = `.napi.${libc()}`;
  for (const [source, target] of [
    [join(PROJECT_ROOT, "build", "Release", "readymark.node"), `readymark${tags}.node`],
    ...NATIVE_FILES.map((name) => [nativeFile(name), `${name}${tags}`] as const),
  ] as const) {
    copyFileSync(source, join(folder, target));
    execFileSync("strip", ["--strip-unneeded", join(folder, target)]);
  }
}

function libc(): "glibc" | "musl" {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

function filesBelow(folder: string, extensions: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules"));
}
