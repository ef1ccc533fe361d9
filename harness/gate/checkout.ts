/** A side of the gate that is a commit or a folder: made ready in a folder of its own, which goes when the gate is over. */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../failure.ts";
import { allowedCpus } from "../machine/cpu-list.ts";
import { spawnSupervised } from "../machine/supervised.ts";
import { PROJECT_ROOT } from "../project.ts";

const execute = promisify(execFile);
const PREFIX = "readymark-gate-";
/** Characters of what a set-up prints that are kept, for its last lines. */
const MOST_SAID = 10_000;

export interface Checkout {
  root: string;
  /** What a reader calls it. */
  description: string;
}

/** The folder of all checkouts of this gate. Those of gates that were killed are removed first. */
export function checkoutsFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split("-")[0] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** `reference` is a folder with a readymark checkout, or whatever git takes for a commit. Rejects with a Failure. */
export async function checkOut(reference: string, folder: string, signal: AbortSignal): Promise<Checkout> {
  if (existsSync(reference) && statSync(reference).isDirectory()) return folderCheckout(resolve(reference));
  const commit = await git(["rev-parse", "--verify", "--quiet", `${reference}^{commit}`], signal).catch(
    () => {
      throw new Failure(
        2,
        `There is no commit and no folder "${reference}". Name a commit, a branch, a tag or a folder; on a shallow clone, ` +
          "fetch the commit first: git fetch --unshallow",
      );
    },
  );
  const root = join(folder, commit.trim());
  if (!existsSync(root)) await extract(commit.trim(), root, signal);
  return { root, description: `${reference} (${commit.slice(0, 10)})` };
}

function folderCheckout(root: string): Checkout {
  if (!existsSync(join(root, "frameworks")))
    throw new Failure(2, `${root} has no folder frameworks/, so it is no checkout of readymark.`);
  return { root, description: root };
}

/** What a commit has in common with this checkout is not installed and built again. */
async function extract(commit: string, root: string, signal: AbortSignal): Promise<void> {
  mkdirSync(root);
  const archive = `${root}.tar`;
  await git(["archive", "--format=tar", "-o", archive, commit], signal);
  await execute("tar", ["-xf", archive, "-C", root], { signal });
  rmSync(archive);
  const isSame = (path: string): boolean => {
    const [here, there] = [join(PROJECT_ROOT, path), join(root, path)];
    return existsSync(there) && readFileSync(here, "utf8") === readFileSync(there, "utf8");
  };
  if (isSame("package-lock.json")) {
    symlinkSync(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"));
    if (await hasSameNativePart(commit, signal))
      symlinkSync(join(PROJECT_ROOT, "build"), join(root, "build"));
  }
  await makeReady(commit, root, signal);
}

/** Installing and building start processes of their own, which must not outlive the gate, however it ends. */
async function makeReady(commit: string, root: string, signal: AbortSignal): Promise<void> {
  let said = "";
  const hear = (text: string): void => void (said = `${said}${text}`.slice(-MOST_SAID));
  const child = spawnSupervised({
    ...{ command: process.execPath, args: [join(root, "scripts", "setup.mjs")], cpus: allowedCpus() },
    ...{ onStdout: hear, onStderr: hear, ipc: false },
  });
  signal.addEventListener("abort", child.kill);
  try {
    const how = await child.ended;
    signal.throwIfAborted();
    if (how === "exited with code 0") return;
    const last = said.trimEnd().split("\n").slice(-10).join("\n");
    throw new Failure(
      2,
      `The commit ${commit.slice(0, 10)} cannot be made ready: its set-up ${how}.\n${last}`,
    );
  } finally {
    signal.removeEventListener("abort", child.kill);
  }
}

/** Of files that git knows, changed ones included. */
async function hasSameNativePart(commit: string, signal: AbortSignal): Promise<boolean> {
  return git(["diff", "--quiet", commit, "--", "native", "binding.gyp"], signal).then(
    () => true,
    () => false,
  );
}

async function git(args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await execute("git", ["-C", PROJECT_ROOT, ...args], {
    signal,
  });
  return stdout;
}
