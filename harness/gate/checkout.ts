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

export interface CheckoutTools {
  /** The folder of all checkouts of this gate. */
  folder: string;
  /** The folder, in a git repository, whose commits are meant. */
  repository: string;
  /** Makes a commit ready that was unpacked into `root`. */
  makeReady(commit: string, root: string): Promise<void>;
  signal: AbortSignal;
}

/** `reference` is a folder, which is taken as it is, or whatever git takes for a commit. Rejects with a Failure. */
export async function checkOut(reference: string, tools: CheckoutTools): Promise<Checkout> {
  if (existsSync(reference) && statSync(reference).isDirectory())
    return { root: resolve(reference), description: resolve(reference) };
  const { repository, signal } = tools;
  const found = await git(
    repository,
    ["rev-parse", "--verify", "--quiet", `${reference}^{commit}`],
    signal,
  ).catch(() => {
    throw new Failure(
      2,
      `There is no commit and no folder "${reference}". Name a commit, a branch, a tag or a folder; on a shallow clone, ` +
        "fetch the commit first: git fetch --unshallow",
    );
  });
  const commit = found.trim();
  const root = join(tools.folder, commit);
  if (!existsSync(root)) {
    await unpack(commit, root, tools);
    await tools.makeReady(commit, root);
  }
  return { root, description: `${reference} (${commit.slice(0, 10)})` };
}

async function unpack(commit: string, root: string, { repository, signal }: CheckoutTools): Promise<void> {
  mkdirSync(root);
  const archive = `${root}.tar`;
  const top = (await git(repository, ["rev-parse", "--show-toplevel"], signal)).trim();
  await git(top, ["archive", "--format=tar", "-o", archive, commit], signal);
  await execute("tar", ["-xf", archive, "-C", root], { signal });
  rmSync(archive);
}

/** Readymark's own commits: what one has in common with this checkout is linked, and not installed and built again. */
export function ownCheckouts(folder: string, signal: AbortSignal): CheckoutTools {
  const makeReady = async (commit: string, root: string): Promise<void> => {
    if (!existsSync(join(root, "scripts", "setup.mjs")))
      throw new Failure(
        2,
        `The commit ${commit.slice(0, 10)} has no scripts/setup.mjs, so it is none of readymark.`,
      );
    const isSame = (path: string): boolean => {
      const [here, there] = [join(PROJECT_ROOT, path), join(root, path)];
      return existsSync(there) && readFileSync(here, "utf8") === readFileSync(there, "utf8");
    };
    if (isSame("package-lock.json")) {
      symlinkSync(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"));
      if (await hasSameNativePart(commit, signal))
        symlinkSync(join(PROJECT_ROOT, "build"), join(root, "build"));
    }
    await setUp(commit, root, `'${process.execPath}' scripts/setup.mjs`, signal);
  };
  return { folder, repository: PROJECT_ROOT, makeReady, signal };
}

/** Commits of the repository that the gate is started in, each made ready by a command of the user's, if there is one. */
export function userCheckouts(
  folder: string,
  commands: readonly string[],
  signal: AbortSignal,
): CheckoutTools {
  const makeReady = async (commit: string, root: string): Promise<void> => {
    for (const command of commands) await setUp(commit, root, command, signal);
  };
  return { folder, repository: process.cwd(), makeReady, signal };
}

/** Installing and building start processes of their own, which must not outlive the gate, however it ends. */
async function setUp(commit: string, root: string, command: string, signal: AbortSignal): Promise<void> {
  let said = "";
  const hear = (text: string): void => void (said = `${said}${text}`.slice(-MOST_SAID));
  const child = spawnSupervised({
    ...{ command: "/bin/sh", args: ["-c", command], cpus: allowedCpus(), cwd: root },
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
  return git(PROJECT_ROOT, ["diff", "--quiet", commit, "--", "native", "binding.gyp"], signal).then(
    () => true,
    () => false,
  );
}

async function git(repository: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await execute("git", ["-C", repository, ...args], { signal });
  return stdout;
}
