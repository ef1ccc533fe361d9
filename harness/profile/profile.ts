/** A real server under a real load, with a profiler around it. */
import { mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { LoadRequest, Protocol } from "../contract.ts";
import { Failure } from "../failure.ts";
import { startGenerator } from "../children/generator/generator.ts";
import { nodeProgram } from "../children/node-program.ts";
import { commandServer } from "../children/server/external-server.ts";
import { StartError, type ServerUnderTest } from "../children/server/server.ts";
import { listenersOn } from "../machine/proc.ts";
import { withinSeconds } from "../machine/time-limit.ts";
import type { LoadResult } from "../results/run.ts";
import { shellWord } from "../shell-word.ts";
import { TARGET_VARIABLE, type ProfileTarget } from "./target.ts";
import type { Tool } from "./tool.ts";

export interface ProfileJob {
  tool: Tool;
  target: ProfileTarget;
  protocol: Protocol;
  load: LoadRequest;
  /** Load, seconds. */
  seconds: number;
  seed: number;
  serverCpus: readonly number[];
  clientCpus: readonly number[];
  /** Where the tool writes; it is made. */
  folder: string;
  signal: AbortSignal;
  onPhase(phase: string): void;
}

export interface Profile {
  /** The files that a user opens. */
  files: string[];
  load: LoadResult;
}

/** Some time after the port is open, so that a profile begins with a server that waits. */
const SETTLING_MS = 200;
const TIMEOUT_SECONDS = 5;

/** Rejects with a Failure when the server does not start, a request fails, or the tool leaves nothing. */
export async function profile(job: ProfileJob): Promise<Profile> {
  const { tool, folder, signal, onPhase } = job;
  mkdirSync(folder, { recursive: true });
  const older = new Set(readdirSync(folder));
  onPhase(`starting the server under ${tool.name}`);
  const server = await start(job);
  const kill = (): void => void server.stop();
  signal.addEventListener("abort", kill);
  try {
    signal.throwIfAborted();
    await delay(SETTLING_MS, undefined, { signal });
    onPhase("loading it");
    const load = await loaded(job, server);
    onPhase(`waiting for ${tool.name} to write its result`);
    await ended(job, server);
    const files = tool.results(folder).filter((path) => !older.has(basename(path)));
    if (files.length === 0)
      throw new Failure(
        1,
        `${tool.name} left no result in ${folder}. Its last words: ${server.stderrTail().join(" | ") || "none"}`,
      );
    return { files, load };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", kill);
    await server.stop();
  }
}

async function start({ tool, target, folder, protocol, serverCpus }: ProfileJob): Promise<ServerUnderTest> {
  const { command, args } = nodeProgram(join(import.meta.dirname, "target"));
  const { words, environment } = tool.command([command, ...args], folder);
  const source = commandServer(words.map(shellWord).join(" "), {
    ...environment,
    [TARGET_VARIABLE]: JSON.stringify(target),
  });
  try {
    return await source({ protocol, cpus: serverCpus, shards: target.options.shards, port: 0 });
  } catch (error) {
    const tail = error instanceof StartError ? error.stderrTail.join(" | ") : "";
    throw new Failure(1, `Under ${tool.name} the server did not start: ${(error as Error).message}. ${tail}`);
  }
}

async function loaded(job: ProfileJob, server: ServerUnderTest): Promise<LoadResult> {
  const { protocol, load, seconds, seed, clientCpus, signal } = job;
  const generator = startGenerator(clientCpus);
  const stop = (): void => void generator.stop();
  signal.addEventListener("abort", stop);
  try {
    const result = await generator.run({
      ...load,
      ...{ protocol, host: server.host, port: server.port, seed },
      ...{ warmupSeconds: 0, durationSeconds: seconds, timeoutSeconds: TIMEOUT_SECONDS },
      ...{ threads: clientCpus.length, cpus: clientCpus, spin: false, serverPids: [] },
    });
    const { ok, sent, firstError } = result.accounting;
    if (ok !== sent)
      throw new Failure(
        1,
        `Of ${sent} requests ${ok} were answered rightly; the first error: ${firstError}.`,
      );
    return result;
  } finally {
    signal.removeEventListener("abort", stop);
    await generator.stop();
  }
}

/** Asks the program to end, which is when the tool begins to write. */
async function ended({ tool, signal }: ProfileJob, server: ServerUnderTest): Promise<void> {
  for (const pid of listenersOn(server.port)) process.kill(pid, tool.endSignal);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
  const how = await withinSeconds(
    tool.limitSeconds,
    `Writing the result of ${tool.name}`,
    Promise.race([server.ended, aborted]),
  );
  if (how !== "exited with code 0")
    throw new Failure(1, `${tool.name} ${how}. Its last words: ${server.stderrTail().join(" | ") || "none"}`);
}
