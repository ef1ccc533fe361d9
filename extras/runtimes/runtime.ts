/** Other JavaScript runtimes, which are installed on demand: whether one is there, and how a server in it is started. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Availability, ListenOptions, RunningServer } from "../../harness/contract.ts";

/** Those of this folder; where there are none, as in an installed package, those of the project that is worked in. */
const OWN_MODULES = join(import.meta.dirname, "node_modules");
const MODULES = existsSync(OWN_MODULES) ? OWN_MODULES : join(process.cwd(), "node_modules");

export interface Runtime {
  /** Its package, by which the version is known. */
  packageName: string;
  /** The program itself, in node_modules, without a script of Node.js around it. */
  program: string;
}

export async function availabilityOf({ packageName, program }: Runtime): Promise<Availability> {
  const description = join(MODULES, packageName, "package.json");
  if (!existsSync(description) || !existsSync(join(MODULES, program)))
    return {
      available: false,
      reason: `${packageName} is not installed. Install it with: npm run runtimes:install`,
    };
  const { version } = JSON.parse(readFileSync(description, "utf8")) as { version: string };
  return { available: true, version: `${packageName} ${version}` };
}

/**
 * Runs the program with `words`, and what to listen on as JSON behind them, until the server is closed. The program prints the
 * port that it listens on as its first line, and ends when its stdin does, since this process may be killed.
 */
export async function serveIn(
  { packageName, program }: Runtime,
  words: readonly string[],
  { protocol, host, port }: ListenOptions,
): Promise<RunningServer> {
  const child = spawn(join(MODULES, program), [...words, JSON.stringify({ protocol, host, port })], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
  });
  child.stdin.on("error", () => undefined);
  const listening = await firstLine(child);
  if (child.pid === undefined || listening === undefined)
    throw new Error(
      `${packageName} could not listen on ${host}:${port} (it ended first, and its own words are on stderr); choose another port, or stop what holds it. Where it does not even start, install it again: npm run runtimes:install`,
    );
  if (!/^\d+$/.test(listening)) {
    child.kill("SIGKILL");
    throw new Error(
      `${packageName} printed ${JSON.stringify(listening)} instead of the port that it listens on.`,
    );
  }
  return {
    port: Number(listening),
    pid: child.pid,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "exit");
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** Undefined when the program ended before it printed any. */
async function firstLine(child: ChildProcessByStdio<Writable, Readable, null>): Promise<string | undefined> {
  const failed = once(child, "error").then(() => undefined);
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, "line").then(([text]) => String(text));
  const ended = once(lines, "close").then(() => undefined);
  return Promise.race([line, ended, failed]);
}
