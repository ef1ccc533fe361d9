/**
 * Counts system calls with strace, which stops the server twice for each call and slows it several times over. Calls
 * that carry data stay as many per operation as they were; those that find nothing to do become fewer, because a slow
 * server finds more waiting for it. strace writes a line with the time for each call, and the lines between the two
 * moments are counted: its own table would also count what happened before and after.
 */
import { spawnSupervised } from "../supervised.ts";
import { withinSeconds } from "../time-limit.ts";
import { endOf, signalCommand } from "./tool-process.ts";
import type { CallCounts, Tracer, Tracing } from "./tracer.ts";

const ATTACH_LIMIT_SECONDS = 5;
/** "[pid  12] 1700000000.123456 read(5, ..."; the continuation of an interrupted line has no name in this place. */
const CALL = /^(?:\[pid +\d+\] )?(\d+\.\d+) (\w+)\(/;

export function straceTracer(cpus: readonly number[]): Tracer {
  return { tool: "strace", attach: (pids) => attach(pids, cpus) };
}

async function attach(pids: readonly number[], cpus: readonly number[]): Promise<Tracing> {
  const chunks: string[] = [];
  let heard: (() => void) | undefined;
  const child = spawnSupervised({
    command: "strace",
    // Nothing that a call points to is read: only its name counts, and reading it would slow the server further.
    args: [
      ...["-f", "-ttt", "-s", "0", "-e", "abbrev=all", "-e", "verbose=none", "-e", "signal=none"],
      ...pids.flatMap((pid) => ["-p", String(pid)]),
    ],
    cpus,
    env: { ...process.env, LC_ALL: "C" },
    onStderr: (text) => {
      chunks.push(text);
      heard?.();
    },
    ipc: false,
  });
  const isAttached = (): boolean => {
    const text = chunks.join("");
    return pids.every((pid) => new RegExp(`Process ${pid} attached`).test(text));
  };
  const attached = new Promise<void>((resolve) => {
    heard = () => {
      if (isAttached()) resolve();
    };
  });
  try {
    const ended = endOf(child, "strace could not attach");
    await withinSeconds(ATTACH_LIMIT_SECONDS, "strace's attaching", Promise.race([attached, ended]));
  } catch (error) {
    await child.kill();
    throw error;
  } finally {
    heard = undefined;
  }
  let beginSeconds = 0;
  let endSeconds = 0;
  return {
    begin: async () => {
      beginSeconds = wallClockSeconds();
    },
    end: async () => {
      endSeconds = wallClockSeconds();
    },
    counts: async () => {
      signalCommand(child, "SIGINT");
      await child.ended;
      return callsBetween(chunks.join(""), beginSeconds, endSeconds);
    },
    stop: child.kill,
  };
}

/** Counts the calls that strace saw begin from `fromSeconds` up to, but not at, `toSeconds` since the epoch. */
export function callsBetween(log: string, fromSeconds: number, toSeconds: number): CallCounts {
  const counts: CallCounts = {};
  for (const line of log.split("\n")) {
    const [, time, name] = CALL.exec(line) ?? [];
    if (name === undefined || Number(time) < fromSeconds || Number(time) >= toSeconds) continue;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  if (Object.keys(counts).length === 0) throw new Error("strace saw no system calls in the traced window");
  return counts;
}

/** The clock strace stamps with, to the microsecond. */
function wallClockSeconds(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}
