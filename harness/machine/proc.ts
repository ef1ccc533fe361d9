/** What Linux reports about a process in /proc. Every reader returns null when the process is gone or may not be read. */
import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { networkInterfaces } from "node:os";

export const CLOCK_TICKS_PER_SECOND = 100;

/** `pid` and all its descendants that are alive now. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = statFields(Number(entry))?.[1];
    if (parent !== undefined)
      children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** Whether there is such a process, or what is left of one until its parent has heard of its end. */
export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number | null {
  const kibibytes = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** Memory that programs may still have without swapping, bytes; null when the kernel does not say. */
export function availableBytes(): number | null {
  return memoryField("MemAvailable");
}

/** A field of /proc/meminfo that is in kB there, bytes; null when the kernel does not say. */
export function memoryField(name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(read("/proc/meminfo") ?? "")?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** User and system CPU time in seconds, to the 10 ms of the kernel's clock tick. */
export function cpuSplit(pid: number): { userSeconds: number; systemSeconds: number } | null {
  const fields = statFields(pid);
  if (!fields) return null;
  return {
    userSeconds: Number(fields[11]) / CLOCK_TICKS_PER_SECOND,
    systemSeconds: Number(fields[12]) / CLOCK_TICKS_PER_SECOND,
  };
}

/** Voluntary and involuntary context switches of each thread that is alive, by its number. */
export function contextSwitches(pid: number): Map<string, number> | null {
  try {
    const threads = new Map<string, number>();
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const status = read(`/proc/${pid}/task/${task}/status`);
      // A thread that ended since the folder was listed counts as gone.
      if (status === null) continue;
      const counts = [...status.matchAll(/ctxt_switches:\s+(\d+)/g)].map((match) => Number(match[1]));
      threads.set(
        task,
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
    return threads;
  } catch {
    return null;
  }
}

/** The switches between two looks at one process; null when a thread ended meanwhile and took its count with it. */
export function switchesBetween(
  first: ReadonlyMap<string, number> | null,
  last: ReadonlyMap<string, number> | null,
): number | null {
  if (first === null || last === null || [...first.keys()].some((thread) => !last.has(thread))) return null;
  return [...last].reduce((sum, [thread, count]) => sum + count - (first.get(thread) ?? 0), 0);
}

/** Whether an IPv4 address is one of this machine's. */
export function isOwnAddress(host: string): boolean {
  if (host.startsWith("127.")) return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(({ address }) => address === host);
}

/** The processes that hold a socket listening on `port`, as far as this user may look. */
export function listenersOn(port: number): number[] {
  const inodes = new Set<string>();
  const portHex = port.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of (read(table) ?? "").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const isListening = fields[3] === "0A";
      if (isListening && fields[1]?.endsWith(`:${portHex}`) && fields[9]) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  if (inodes.size === 0) return [];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => descriptors(pid).some((target) => inodes.has(target)));
}

/** The command line of a process, for a sentence that names it. */
export function commandLine(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? "").split("\0").join(" ").trim();
}

function descriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** The fields of /proc/PID/stat from the state on; the name before it may hold spaces and parentheses. */
function statFields(pid: number): string[] | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
