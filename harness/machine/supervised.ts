/**
 * Child processes that cannot outlive the controller. Each runs under `native/supervise`, which pins it to its CPUs and
 * holds the other end of a pipe; when the pipe closes, for whatever reason, everything below is killed.
 */
import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { SUPERVISE } from "../project.ts";

const STDERR_LINES_KEPT = 20;

export interface SupervisedOptions {
  command: string;
  args: readonly string[];
  /** CPUs the process and its threads may run on. */
  cpus: readonly number[];
  env?: NodeJS.ProcessEnv;
  /** The folder that it is started in; that of this process unless told. */
  cwd?: string;
  /** Receives the command's stdout; it is dropped otherwise. */
  onStdout?: (text: string) => void;
  /** Receives all of the command's stderr; its last lines are kept in any case. */
  onStderr?: (text: string) => void;
  /** Opens a socket that the command has as descriptor 3; not together with `ipc`. */
  control?: true;
  /** A file that gets the command's CPU time in nanoseconds when it has ended by itself. */
  usageFile?: string;
  /** Opens an IPC channel; the command must then be a Node.js program. */
  ipc: boolean;
}

export interface Supervised {
  /** The supervisor's process id; the command is its child. */
  supervisorPid: number;
  /** This end of the command's descriptor 3; null unless asked for. */
  control: Duplex | null;
  send(message: unknown): void;
  /** Resolves with the next message that `accept` turns into a value; rejects with a sentence when the process ends first. */
  receive<T>(accept: (message: unknown) => T | undefined): Promise<T>;
  /** The last lines the process wrote to stderr. */
  stderrTail(): string[];
  /** Resolves with a phrase such as "exited with code 1" when the process has ended. */
  ended: Promise<string>;
  /** Kills the process and everything it started; resolves when nothing is left. */
  kill(): Promise<void>;
}

export function spawnSupervised(options: SupervisedOptions): Supervised {
  const child = spawn(
    SUPERVISE,
    [
      ...["--cpus", options.cpus.join(",")],
      ...(options.usageFile === undefined ? [] : ["--usage", options.usageFile]),
      ...["--", options.command, ...options.args],
    ],
    {
      stdio: [
        "pipe",
        options.onStdout ? "pipe" : "ignore",
        "pipe",
        ...(options.ipc ? (["ipc"] as const) : []),
        ...(options.control ? (["pipe"] as const) : []),
      ],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  );
  const stderr = keepLastLines(child);
  if (options.onStderr) child.stderr?.on("data", (chunk: Buffer) => options.onStderr?.(String(chunk)));
  const control = options.control ? (child.stdio[3] as Duplex) : null;
  control?.on("error", () => undefined);
  if (options.onStdout) child.stdout?.setEncoding("utf8").on("data", options.onStdout);
  let isEnded = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    // "close" comes after stderr has been read to its end, so the tail is complete by then.
    child.once("close", (code) => resolve(describeExit(code)));
  }).finally(() => (isEnded = true));
  // Writing to a process that has just died is answered by `ended`, not by an uncaught EPIPE.
  child.stdin?.on("error", () => undefined);
  child.on("error", () => undefined);

  return {
    supervisorPid: child.pid ?? -1,
    control,
    send: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    receive: (accept) => receiveFrom(child, ended, accept),
    stderrTail: stderr,
    ended,
    kill: async () => {
      if (!isEnded) child.stdin?.destroy();
      await ended;
    },
  };
}

function receiveFrom<T>(
  child: ChildProcess,
  ended: Promise<string>,
  accept: (message: unknown) => T | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      try {
        const value = accept(message);
        if (value === undefined) return;
        child.off("message", onMessage);
        resolve(value);
      } catch (error) {
        child.off("message", onMessage);
        reject(error);
      }
    };
    child.on("message", onMessage);
    void ended.then((how) => {
      child.off("message", onMessage);
      reject(new Error(`the process ${how}`));
    });
  });
}

function keepLastLines(child: ChildProcess): () => string[] {
  const decoder = new StringDecoder("utf8");
  let lines: string[] = [];
  let partial = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    const parts = (partial + decoder.write(chunk)).split("\n");
    // A server that writes without line ends must not grow this process without bound.
    partial = (parts.pop() ?? "").slice(-4096);
    lines = [...lines, ...parts].slice(-STDERR_LINES_KEPT);
  });
  return () => [...lines, ...(partial === "" ? [] : [partial])].slice(-STDERR_LINES_KEPT);
}

function describeExit(code: number | null): string {
  if (code === null) return "was killed together with its supervisor";
  // The supervisor reports a signal N as 128 + N.
  return code > 128 ? `was ended by signal ${code - 128}` : `exited with code ${code}`;
}
