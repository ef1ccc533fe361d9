/** What the kernel counts for the whole machine. Every reader returns null where it does not count, or may not be read. */
import { readFileSync } from "node:fs";
import { differenceObserved } from "../statistics/observed.ts";
import { CLOCK_TICKS_PER_SECOND } from "./proc.ts";

/** Microseconds since boot in which some task was ready to run and waited for a CPU. */
export function cpuPressureUs(): number | null {
  const total = /^some .*total=(\d+)/m.exec(read("/proc/pressure/cpu") ?? "")?.[1];
  return total === undefined ? null : Number(total);
}

/**
 * CPU time, in seconds since boot, that was spent on these CPUs together, interrupts included where the CPU clocks of
 * the interrupted processes include them: on loopback they are much of what those processes cause. A kernel that clocks
 * interrupts apart reports their pressure in a file of its own since Linux 6.1; an older one of that kind is taken for the
 * other, and then too much counts as busy.
 */
export function busySeconds(cpus: readonly number[]): number | null {
  return busySecondsIn(read("/proc/stat") ?? "", cpus, read("/proc/pressure/irq") !== null);
}

export function busySecondsIn(
  stat: string,
  cpus: readonly number[],
  interruptsAreApart: boolean,
): number | null {
  const lines = stat.split("\n");
  let ticks = 0;
  for (const cpu of cpus) {
    const fields = lines.find((line) => line.startsWith(`cpu${cpu} `))?.split(" ");
    if (fields === undefined) return null;
    const [user, nice, system, , , irq, softirq] = fields.slice(1, 8).map(Number);
    const counted = interruptsAreApart ? [user, nice, system] : [user, nice, system, irq, softirq];
    for (const each of counted) ticks += each ?? Number.NaN;
  }
  return Number.isNaN(ticks) ? null : ticks / CLOCK_TICKS_PER_SECOND;
}

/** CPU time of all CPUs since boot in clock ticks, with the idle part and the part given to other guests (steal). */
export function readCpuTimes(): { totalTicks: number; idleTicks: number; stealTicks: number } | null {
  const fields = read("/proc/stat")?.split("\n")[0]?.split(/\s+/).slice(1).map(Number);
  if (!fields || fields.length < 8) return null;
  // Guest time, fields 9 and 10, is already part of user time.
  return {
    totalTicks: fields.slice(0, 8).reduce((sum, value) => sum + value, 0),
    idleTicks: (fields[3] ?? 0) + (fields[4] ?? 0),
    stealTicks: fields[7] ?? 0,
  };
}

/** What listening sockets of this network namespace refused since it exists, whatever program they belong to. */
export interface ListenRefusals {
  /** Connections that found the accept queue full. */
  listenOverflows: number | null;
  /** Connections dropped by a listening socket for any reason, a full accept queue among them. */
  listenDrops: number | null;
}

export function listenRefusals(): ListenRefusals {
  const counters = extendedTcpCounters(read("/proc/net/netstat") ?? "");
  return {
    listenOverflows: counters.get("ListenOverflows") ?? null,
    listenDrops: counters.get("ListenDrops") ?? null,
  };
}

/** What was refused between two looks. */
export function refusalsBetween(before: ListenRefusals, after: ListenRefusals): ListenRefusals {
  const rise = (name: keyof ListenRefusals): number | null => differenceObserved(after[name], before[name]);
  return { listenOverflows: rise("listenOverflows"), listenDrops: rise("listenDrops") };
}

/** The file holds each group as two lines, the names and below them the values. */
function extendedTcpCounters(netstat: string): Map<string, number> {
  const [names, values] = netstat
    .split("\n")
    .filter((line) => line.startsWith("TcpExt:"))
    .map((line) => line.split(" ").slice(1));
  return new Map(names?.map((name, index) => [name, Number(values?.[index])]));
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
