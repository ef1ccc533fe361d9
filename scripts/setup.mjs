// Makes a fresh clone ready: installs the dependencies and builds the native part when, and only when, something is
// missing or stale. Every npm script runs it first, so `npm run bench` works as the first command after `git clone`.
// It is plain JavaScript because it runs on the system's Node.js, before the pinned one is there. It writes to stderr
// only, so that `npm run -s bench -- --json` keeps stdout for its one document.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installStamp = join(root, "node_modules", ".readymark-installed");
const buildStamp = join(root, "build", ".readymark-built");
const products = [
  "readymark.node",
  "slow.node",
  "supervise",
  "nullserver",
  "floor",
  "connection",
  "multiplexer_test",
  "driver_test",
].map((name) => join(root, "build", "Release", name));
const pinnedNode = join(root, "node_modules", ".bin", "node");

function main() {
  const installHash = hashOf([join(root, "package-lock.json")]);
  const buildHash = hashOf([join(root, "binding.gyp"), ...sourcesBelow(join(root, "native"))]);
  const installed = stampIs(installStamp, installHash) && existsSync(pinnedNode);
  const built = stampIs(buildStamp, buildHash) && products.every((path) => existsSync(path));
  if (installed && built) return;
  const isNew = !products.every((path) => existsSync(path));

  requirePlatform();
  if (!installed) {
    say("installing the dependencies, and building the native part (once; about two minutes)");
    run("npm", ["ci", "--ignore-scripts=false", "--no-audit", "--no-fund"]);
    if (!existsSync(pinnedNode))
      stop(`npm ci ended without ${pinnedNode}; remove node_modules and try again.`);
    writeFileSync(installStamp, installHash);
  }
  // npm ci builds what is not there, in the same breath as installing, and leaves alone what is there and stale.
  const wasBuilt = !installed && isNew && products.every((path) => existsSync(path));
  if (!built && !wasBuilt) {
    say("building the native part (once; a minute or two)");
    run("npm", ["run", "build:native"]);
  }
  const missing = products.find((path) => !existsSync(path));
  if (missing)
    stop(`the build ended without ${missing}; run "npm run build:native" and read its last lines.`);
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, buildHash);
}

function requirePlatform() {
  if (process.platform !== "linux") {
    stop(`readymark measures epoll, io_uring and /proc, which only Linux has; this is ${process.platform}.`);
  }
  if (Number(process.versions.node.split(".")[0]) < 20) {
    stop(`readymark needs Node.js 20 or later to set itself up; this is ${process.version}.`);
  }
  const tools = ["npm", "python3", "make", "g++"];
  const missing = tools.filter((tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).error);
  if (missing.length > 0) {
    stop(
      `this machine lacks ${missing.join(", ")}; on Debian or Ubuntu: sudo apt-get install ${missing.join(" ")}`,
    );
  }
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    // node-gyp compiles one file at a time unless it is told otherwise.
    env: { JOBS: "max", ...process.env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  const ending = result.signal ? `was ended by ${result.signal}` : `failed with exit code ${result.status}`;
  stop(`"${command} ${args.join(" ")}" ${ending}; the lines above say why.`);
}

function sourcesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.(cc|c|h)$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path.slice(root.length)).update("\0").update(readFileSync(path));
  return hash.digest("hex");
}

function stampIs(path, expected) {
  return existsSync(path) && readFileSync(path, "utf8") === expected;
}

function say(what) {
  process.stderr.write(`readymark: ${what} ...\n`);
}

function stop(why) {
  process.stderr.write(`readymark: ${why}\n`);
  process.exit(1);
}

main();
