/**
 * Counts system calls with `perf stat`, which slows the server by a microsecond or so per call. All counters stand on
 * one tracepoint, raw_syscalls:sys_enter, each with a filter for one call: a tracepoint of its own for each call takes
 * the kernel a second to take down. The one without a filter counts all calls, named or not.
 */
import type { Duplex } from "node:stream";
import { spawnSupervised, type Supervised } from "../supervised.ts";
import { withinSeconds } from "../time-limit.ts";
import { endOf, signalCommand } from "./tool-process.ts";
import { systemCallNumbers, UNNAMED } from "./system-calls.ts";
import type { CallCounts, Tracer, Tracing } from "./tracer.ts";

const TRACEPOINT = "raw_syscalls:sys_enter";
const ANSWER_LIMIT_SECONDS = 5;

/** Perf on these CPUs. Throws on an architecture whose system calls have no numbers here. */
export function perfTracer(cpus: readonly number[]): Tracer {
  const calls = systemCallNumbers(process.arch);
  if (calls === null) throw new Error(`the numbers of ${process.arch}'s system calls are not known here`);
  return { tool: "perf", attach: (pids) => attach(pids, calls, cpus) };
}

async function attach(
  pids: readonly number[],
  calls: readonly (readonly [string, number])[],
  cpus: readonly number[],
): Promise<Tracing> {
  let report = "";
  const filtered = calls.flatMap(([, number]) => ["-e", TRACEPOINT, "--filter", `id == ${number}`]);
  const child = spawnSupervised({
    command: "perf",
    // Counting starts disabled; it is switched over descriptor 3, where perf also says when it has obeyed.
    args: [
      ...["stat", "-x", ",", "-D", "-1", "--control", "fd:3,3", "-e", TRACEPOINT, ...filtered],
      ...["-p", pids.join(",")],
    ],
    cpus,
    env: { ...process.env, LC_ALL: "C" },
    onStderr: (text) => (report += text),
    control: true,
    ipc: false,
  });
  const command = commander(child);
  try {
    // Answered only when every counter is open.
    await command("ping");
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    begin: () => command("enable"),
    end: () => command("disable"),
    counts: async () => {
      signalCommand(child, "SIGINT");
      await child.ended;
      return countsOf(report, calls);
    },
    stop: child.kill,
  };
}

/** Sends perf a command and resolves when perf has acknowledged it. */
function commander(child: Supervised): (command: string) => Promise<void> {
  const control = child.control as Duplex;
  const ended = endOf(child, "perf could not count");
  return async (command) => {
    // An error of the socket only says that perf is gone; `ended` says why.
    const acknowledged = new Promise((resolve) => control.once("data", resolve));
    control.write(`${command}\n`);
    await withinSeconds(
      ANSWER_LIMIT_SECONDS,
      `perf's answer to "${command}"`,
      Promise.race([acknowledged, ended]),
    );
  };
}

/** The counts of a `perf stat -x,` report: one line for each event, in the order they were asked for. */
export function countsOf(report: string, calls: readonly (readonly [string, number])[]): CallCounts {
  const lines = report.split("\n").filter((line) => line.includes(TRACEPOINT));
  // A counter whose threads never ran is "<not counted>"; the others ran with it, so it has counted nothing.
  const counts = lines.map((line) => Number(/^\d+/.exec(line)?.[0] ?? 0));
  const [total = 0, ...named] = counts;
  if (named.length !== calls.length || total === 0) {
    throw new Error(`perf counted no system calls: ${report.trim().split("\n").slice(-3).join(" ")}`);
  }
  const result: CallCounts = {};
  for (const [index, [name]] of calls.entries()) {
    const count = named[index] ?? 0;
    if (count > 0) result[name] = count;
  }
  const unnamed = total - named.reduce((sum, count) => sum + count, 0);
  // The counters start one after the other, so a call at the very edge may be in one and not in the total.
  if (unnamed > 0) result[UNNAMED] = unnamed;
  return result;
}
