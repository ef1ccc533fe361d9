/** What /proc says about the server, and about the machine, while it is measured. */
import { readCpuNs } from "../machine/cpu-clocks.ts";
import { busySeconds, cpuPressureUs } from "../machine/kernel-counters.ts";
import { contextSwitches, cpuSplit, processTree, residentBytes, switchesBetween } from "../machine/proc.ts";
import { COUNTERS, type Counters } from "../contract.ts";
import type { LiveCounters } from "../children/generator/live-counters.ts";
import type { CountersSeen } from "../results/run.ts";
import type { ServerUnderTest } from "../children/server/server.ts";

const POLL_INTERVAL_MS = 25;
/** The second look falls at this share of the window, so that it is surely still inside. */
const SECOND_LOOK_AT = 0.8;

export interface Seen {
  /** User-mode share of the server's CPU time, 0 to 1. */
  serverUserShare: number | null;
  serverContextSwitchesPerOp: number | null;
  serverRssBytes: number | null;
  counters: CountersSeen | null;
  /** Share of the time in which some task of this machine waited for a CPU, 0 to 1. */
  cpuPressureShare: number | null;
  /** Share of the measured CPUs' time that went to other processes (CPU contention), 0 to 1. */
  otherProcessesCpuShare: number | null;
}

export const NOTHING_SEEN: Seen = {
  serverUserShare: null,
  serverContextSwitchesPerOp: null,
  serverRssBytes: null,
  counters: null,
  cpuPressureShare: null,
  otherProcessesCpuShare: null,
};

export interface Watched {
  readLoad: () => LiveCounters;
  server: Pick<ServerUnderTest, "counters">;
  /** The server's processes. */
  pids: readonly number[];
  /** The CPUs that the server and the generator are pinned to. */
  cpus: readonly number[];
  durationSeconds: number;
  onProgress: (operations: number) => void;
}

export interface Watch {
  result(): Seen;
  stop(): void;
}

/**
 * Looks at the server twice inside the measured window, in /proc and at its own counters, together with the operations
 * done by then, so that the quotient holds wherever in the window the two moments fall.
 */
export function watchServer(watched: Watched): Watch {
  const { readLoad, durationSeconds, onProgress } = watched;
  // The list takes milliseconds to make, so it is made before the window; nothing is started in between.
  const measuringPids = [...new Set([...processTree(process.pid), ...watched.pids])];
  let first: Snapshot | null = null;
  let last: Snapshot | null = null;
  let timer: NodeJS.Timeout | undefined;
  // Inside the window this process keeps still, because on few CPUs whatever it does delays the generator.
  const look = async (): Promise<void> => {
    const { phase, ok } = readLoad();
    onProgress(ok);
    if (phase === "draining" || phase === "done") return;
    if (phase !== "measuring") {
      timer = setTimeout(look, POLL_INTERVAL_MS);
    } else if (first === null) {
      timer = setTimeout(look, durationSeconds * 1000 * SECOND_LOOK_AT);
      first = await snapshot(watched, measuringPids);
    } else {
      last = await snapshot(watched, measuringPids);
    }
  };
  void look();
  return {
    result: () => difference(first, last, watched.cpus.length),
    stop: () => clearTimeout(timer),
  };
}

interface Snapshot {
  atMs: number;
  cpuPressureUs: number | null;
  /** Of everything on the measured CPUs, and of the processes that take part in the measurement. */
  busySeconds: number | null;
  ownCpuNs: number | null;
  operations: number;
  counters: Counters | null;
  /** Of each process, by thread. */
  switches: (Map<string, number> | null)[];
  userSeconds: number | null;
  systemSeconds: number | null;
  residentBytes: number | null;
}

async function snapshot(
  { readLoad, server, pids, cpus }: Watched,
  measuringPids: readonly number[],
): Promise<Snapshot> {
  // A server that is too busy or dead to answer fails the sample by itself; here it has merely counted nothing.
  const counters = await server.counters().catch(() => null);
  const splits = pids.map((pid) => cpuSplit(pid));
  return {
    atMs: performance.now(),
    cpuPressureUs: cpuPressureUs(),
    busySeconds: busySeconds(cpus),
    ownCpuNs: pids.length === 0 ? null : readCpuNs(measuringPids),
    operations: readLoad().ok,
    counters,
    switches: pids.map((pid) => contextSwitches(pid)),
    userSeconds: sumOrNull(splits.map((split) => split?.userSeconds ?? null)),
    systemSeconds: sumOrNull(splits.map((split) => split?.systemSeconds ?? null)),
    residentBytes: sumOrNull(pids.map((pid) => residentBytes(pid))),
  };
}

function difference(first: Snapshot | null, last: Snapshot | null, cpuCount: number): Seen {
  if (first === null || last === null) return NOTHING_SEEN;
  const operations = last.operations - first.operations;
  const user = minus(last.userSeconds, first.userSeconds);
  const system = minus(last.systemSeconds, first.systemSeconds);
  const elapsedSeconds = (last.atMs - first.atMs) / 1000;
  const pressureUs = minus(last.cpuPressureUs, first.cpuPressureUs);
  const busy = minus(last.busySeconds, first.busySeconds);
  const ownNs = minus(last.ownCpuNs, first.ownCpuNs);
  const switches = sumOrNull(
    last.switches.map((threads, process) => switchesBetween(first.switches[process] ?? null, threads)),
  );
  return {
    serverUserShare: user === null || system === null || user + system === 0 ? null : user / (user + system),
    serverContextSwitchesPerOp: switches === null || operations === 0 ? null : switches / operations,
    serverRssBytes: last.residentBytes,
    counters: countersBetween(first, last),
    cpuPressureShare: pressureUs === null ? null : pressureUs / 1e6 / elapsedSeconds,
    // The kernel counts CPUs by ticks and processes by their clocks, so a little less than nothing can come out.
    otherProcessesCpuShare:
      busy === null || ownNs === null ? null : Math.max(0, busy - ownNs / 1e9) / (elapsedSeconds * cpuCount),
  };
}

function countersBetween(first: Snapshot, last: Snapshot): CountersSeen | null {
  const [before, after] = [first.counters, last.counters];
  if (before === null || after === null) return null;
  const counts = COUNTERS.map((name) => [name, minus(after[name], before[name])] as const);
  return {
    operations: last.operations - first.operations,
    elapsedNs: Math.round((last.atMs - first.atMs) * 1e6),
    counts: Object.fromEntries(counts) as Counters,
  };
}

function minus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  if (values.length === 0) return null;
  return values.reduce(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0 as number | null,
  );
}
