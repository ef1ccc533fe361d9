/** What the scheduler counts for each thread of a process. */
import { readFileSync, readdirSync } from "node:fs";

export interface ThreadTime {
  id: number;
  /** On a CPU, nanoseconds since the thread began. */
  ranNs: number;
  /** Ready to run and waiting for a CPU, nanoseconds since the thread began. */
  waitedNs: number;
  /** Whether it is one of V8's, which compile and collect garbage beside the thread that runs JavaScript. */
  isHelper: boolean;
}

/** How many helpers V8 has unless --v8-pool-size says otherwise. */
const V8_POOL_SIZE = 4;

/** All threads of these processes; null when there are none, or one of the processes is gone or may not be read. */
export function threadTimes(pids: readonly number[]): ThreadTime[] | null {
  if (pids.length === 0) return null;
  try {
    return pids.flatMap(threadsOf);
  } catch {
    return null;
  }
}

function threadsOf(pid: number): ThreadTime[] {
  const threads = readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .toSorted((a, b) => a - b)
    .flatMap((id) => threadAt(`/proc/${pid}/task/${id}`, id));
  const helpers = helperIds(threads);
  return threads.map(({ id, ranNs, waitedNs }) => ({ id, ranNs, waitedNs, isHelper: helpers.has(id) }));
}

/**
 * Node.js from 24 on names them; before, they are those that it starts right after the thread that delays tasks for
 * them.
 */
function helperIds(threads: readonly { id: number; name: string }[]): Set<number> {
  const named = threads.filter(({ name }) => name.startsWith("V8Worker"));
  const first = threads.findIndex(({ name }) => name === "DelayedTaskSche");
  const helpers = named.length > 0 || first < 0 ? named : threads.slice(first + 1, first + 1 + V8_POOL_SIZE);
  return new Set(helpers.map(({ id }) => id));
}

/** Empty for a thread that has ended meanwhile. */
function threadAt(
  folder: string,
  id: number,
): { id: number; name: string; ranNs: number; waitedNs: number }[] {
  try {
    const [ranNs = 0, waitedNs = 0] = readFileSync(`${folder}/schedstat`, "utf8").split(" ").map(Number);
    return [{ id, name: readFileSync(`${folder}/comm`, "utf8").trim(), ranNs, waitedNs }];
  } catch {
    return [];
  }
}
