/**
 * What the kernel and the server itself counted of a server up to one moment. Two looks around a slice of load say what
 * the slice cost, exactly: no request is outstanding at either, so every clock stands still.
 */
import { COUNTERS, type Counters } from "../contract.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import { contextSwitches, cpuSplit, residentBytes, switchesBetween } from "../machine/proc.ts";
import { listenRefusals, refusalsBetween, type ListenRefusals } from "../machine/kernel-counters.ts";
import { threadTimes, type ThreadTime } from "../machine/threads.ts";
import { differenceObserved, sumObserved } from "../statistics/observed.ts";

export interface ServerLook {
  atMs: number;
  cpuNs: number | null;
  userSeconds: number | null;
  systemSeconds: number | null;
  /** Of each process, by thread. */
  switches: (Map<string, number> | null)[];
  threads: ThreadTime[] | null;
  counters: Counters | null;
  residentBytes: number | null;
  refusals: ListenRefusals;
}

/** What happened between two looks; null where it was not observed. */
export interface ServerDifference {
  elapsedMs: number;
  cpuNs: number | null;
  /** CPU time of V8's helper threads, which compile and collect garbage; null for a server without V8. */
  helperCpuNs: number | null;
  userSeconds: number | null;
  systemSeconds: number | null;
  contextSwitches: number | null;
  /** How long the server's threads waited for a CPU that something else had than the server itself. */
  keptWaitingNs: number | null;
  counters: Counters | null;
  /** At the second look. */
  residentBytes: number | null;
  /** Of the whole network namespace; only the server in hand was asked for connections. */
  refusals: ListenRefusals;
}

export async function lookAt(
  server: Pick<ServerUnderTest, "counters">,
  pids: readonly number[],
): Promise<ServerLook> {
  // A server that is too busy or dead to answer fails the slice by itself; here it has merely counted nothing.
  const counters = await server.counters().catch(() => null);
  const splits = pids.map((pid) => cpuSplit(pid));
  return {
    atMs: performance.now(),
    counters,
    userSeconds: sumObserved(splits.map((split) => split?.userSeconds ?? null)),
    systemSeconds: sumObserved(splits.map((split) => split?.systemSeconds ?? null)),
    switches: pids.map((pid) => contextSwitches(pid)),
    threads: threadTimes(pids),
    residentBytes: sumObserved(pids.map((pid) => residentBytes(pid))),
    refusals: listenRefusals(),
    cpuNs: readCpuNs(pids),
  };
}

export function differenceOf(first: ServerLook, last: ServerLook): ServerDifference {
  return {
    elapsedMs: last.atMs - first.atMs,
    cpuNs: differenceObserved(last.cpuNs, first.cpuNs),
    helperCpuNs: helperCpuNs(first.threads, last.threads),
    userSeconds: differenceObserved(last.userSeconds, first.userSeconds),
    systemSeconds: differenceObserved(last.systemSeconds, first.systemSeconds),
    contextSwitches: sumObserved(
      last.switches.map((threads, process) => switchesBetween(first.switches[process] ?? null, threads)),
    ),
    keptWaitingNs: keptWaitingNs(first.threads, last.threads),
    counters: countersBetween(first.counters, last.counters),
    residentBytes: last.residentBytes,
    refusals: refusalsBetween(first.refusals, last.refusals),
  };
}

/**
 * A thread also waits while its siblings run on its CPU, which is the server's own doing. What is left when all that the
 * others ran is taken off was surely due to somebody else.
 */
function keptWaitingNs(
  first: readonly ThreadTime[] | null,
  last: readonly ThreadTime[] | null,
): number | null {
  if (first === null || last === null) return null;
  const before = new Map(first.map((thread) => [thread.id, thread]));
  const spans = last.map(({ id, ranNs, waitedNs }) => ({
    ranNs: ranNs - (before.get(id)?.ranNs ?? 0),
    waitedNs: waitedNs - (before.get(id)?.waitedNs ?? 0),
  }));
  const ranNs = spans.reduce((sum, span) => sum + span.ranNs, 0);
  return Math.max(0, ...spans.map((span) => span.waitedNs - (ranNs - span.ranNs)));
}

function helperCpuNs(first: readonly ThreadTime[] | null, last: readonly ThreadTime[] | null): number | null {
  if (first === null || last === null) return null;
  const ranNs = (threads: readonly ThreadTime[]): number | null => {
    const helpers = threads.filter(({ isHelper }) => isHelper);
    return helpers.length === 0 ? null : helpers.reduce((sum, thread) => sum + thread.ranNs, 0);
  };
  return differenceObserved(ranNs(last), ranNs(first));
}

function countersBetween(before: Counters | null, after: Counters | null): Counters | null {
  if (before === null || after === null) return null;
  const counts = COUNTERS.map((name) => [name, differenceObserved(after[name], before[name])] as const);
  return Object.fromEntries(counts) as Counters;
}
