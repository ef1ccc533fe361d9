/** Which tracer works here: perf, else strace, else none, with what would make one work. */
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { processTree } from "../proc.ts";
import { spawnSupervised } from "../supervised.ts";
import { perfTracer } from "./perf.ts";
import { straceTracer } from "./strace.ts";
import type { Tracer, TracerChoice } from "./tracer.ts";

/** Tries each on a process that sleeps, because a tool that is installed may still not be allowed to trace. */
export async function findTracer(
  cpus: readonly number[],
  makers: readonly ((cpus: readonly number[]) => Tracer)[] = [perfTracer, straceTracer],
): Promise<TracerChoice> {
  const reasons: string[] = [];
  for (const make of makers) {
    try {
      const tracer = make(cpus);
      requireInstalled(tracer.tool);
      await tryOut(tracer, cpus);
      return { tracer };
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { tracer: null, reason: `No tracer works here. ${reasons.map((one) => `${one}.`).join(" ")}` };
}

async function tryOut(tracer: Tracer, cpus: readonly number[]): Promise<void> {
  const sleeper = spawnSupervised({ command: "/bin/sh", args: ["-c", "sleep 60"], cpus, ipc: false });
  try {
    const attached = await tracer.attach(processTree(sleeper.supervisorPid));
    await attached.stop();
  } catch (error) {
    throw new Error(`${(error as Error).message} (${ADVICE[tracer.tool]()})`, { cause: error });
  } finally {
    await sleeper.kill();
  }
}

const ADVICE: Record<Tracer["tool"], () => string> = {
  perf: () =>
    `kernel.perf_event_paranoid is ${setting("/proc/sys/kernel/perf_event_paranoid")}; run as root, or: ` +
    `sudo sysctl kernel.perf_event_paranoid=-1 and sudo mount -o remount,mode=755 /sys/kernel/tracing`,
  strace: () =>
    `kernel.yama.ptrace_scope is ${setting("/proc/sys/kernel/yama/ptrace_scope")}; run as root, or: ` +
    `sudo sysctl kernel.yama.ptrace_scope=0`,
};

const PACKAGES: Record<Tracer["tool"], string> = {
  perf: "install linux-perf or linux-tools-$(uname -r)",
  strace: "install strace",
};

function requireInstalled(tool: Tracer["tool"]): void {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  if (!folders.some((folder) => isExecutable(join(folder, tool)))) {
    throw new Error(`${tool} is not on the PATH: ${PACKAGES[tool]}`);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function setting(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "not there";
  }
}
