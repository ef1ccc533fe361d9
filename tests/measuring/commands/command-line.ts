/** Runs `readymark` as a user does: as a process, with its stdout, stderr and exit code. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Failure } from "../../../harness/failure.ts";
import type { Run } from "../../../harness/results/run.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import type { Command } from "../../../scripts/arguments.ts";

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export function startReadymark(args: readonly string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, [join(PROJECT_ROOT, "scripts", "readymark.ts"), ...args], {
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_NO_WARNINGS: "1", NO_COLOR: "1" },
  });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once("close", (code, signal) => resolve([code, signal]));
  });
  const outcome = Promise.all([text(child.stdout), text(child.stderr), ended]).then(
    ([stdout, stderr, [code, signal]]) => ({ code, signal, stdout, stderr }),
  );
  return { child, outcome };
}

export function readymark(...args: string[]): Promise<Outcome> {
  return startReadymark(args).outcome;
}

/**
 * What a command refuses to do, and with which exit code. It runs in this process, because a process of its own takes a
 * second and decides nothing; usage.test.ts looks at how a refusal reaches the user.
 */
export async function refusal(name: string, ...args: string[]): Promise<{ message: string; code: number }> {
  const path = join(PROJECT_ROOT, "scripts", "commands", `${name}.ts`);
  const { default: command } = (await import(path)) as { default: Command };
  try {
    throw new Error(`It was not refused, and ended with exit code ${await command.run(args)}.`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { message: error.message, code: error.exitCode };
  }
}

/** A folder for results that is removed when the test ends. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "readymark-test-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command that starts one of the servers in tests/measuring/commands/servers. */
export function serverCommand(file: string, ...args: string[]): string {
  return `exec '${process.execPath}' '${join(PROJECT_ROOT, "tests/measuring/commands/servers", file)}' ${args.join(" ")}`;
}

/** Measures a server of tests/measuring/commands/servers for a moment over tcp and returns the run and the exit code. */
export function benchCommand(command: string, ...args: string[]): Promise<{ run: Run; outcome: Outcome }> {
  return withFolder(async (folder) => {
    const outcome = await readymark(
      ...["bench", "--json", "--out", folder, "--command", command, "--protocols", "tcp"],
      ...[
        "--scenarios",
        "echo",
        ...["--generations", "1", "--duration", "500ms"],
        ...["--warmup", "100ms", "--warmup-limit", "200ms"],
        "--timeout",
        "1s",
        ...args,
      ],
    );
    if (outcome.stdout === "") throw new Error(`no run was printed: ${outcome.stderr}`);
    return { run: JSON.parse(outcome.stdout) as Run, outcome };
  });
}
