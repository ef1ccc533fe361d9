/** The servers of a group, all alive at once: started, checked for whether they keep quiet, and stopped together. */
import { setTimeout as delay } from "node:timers/promises";
import type { ServerUnderTest } from "../children/server/server.ts";
import { StartError } from "../children/server/server.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import { isRunning, processTree } from "../machine/proc.ts";
import type { PlannedCell } from "../plan/cells.ts";
import { serverName } from "../results/server-name.ts";
import type { Cell, Plan } from "../results/run.ts";
import type { Measured } from "../rotation/machine-watch.ts";
import { percentage } from "../units.ts";

/** One server of a group with its cells. */
export interface Member {
  name: string;
  cells: PlannedCell[];
}

export interface AliveServer extends Member {
  server: ServerUnderTest;
  /** Its processes when it was last looked at; empty when they cannot be known. */
  pids: readonly number[];
}

/** A server that did not come up, in words, with its last lines on stderr. */
export interface NotStarted {
  member: Member;
  reason: string;
  stderr: string[];
}

/** A server that takes more of a CPU than this while nothing is asked of it disturbs the others. */
const QUIET_SHARE = 0.01;
/** What a runtime does right after its start is over by then. */
const SETTLING_MS = 100;
const WATCH_MS = 200;

/** The servers among these cells, in the order of the cells. */
export function membersOf(cells: readonly PlannedCell[]): Member[] {
  const groups = Map.groupBy(cells, ({ cell }) => serverName(cell));
  return [...groups].map(([name, own]) => ({ name, cells: own }));
}

/** Starts them side by side. Those that did come up have to be stopped by the caller. */
export async function startAll(
  members: readonly Member[],
  plan: Plan,
): Promise<{ alive: AliveServer[]; notStarted: NotStarted[] }> {
  const outcomes = await Promise.all(members.map((member) => start(member, plan)));
  return {
    alive: outcomes.filter((outcome): outcome is AliveServer => "server" in outcome),
    notStarted: outcomes.filter((outcome): outcome is NotStarted => "reason" in outcome),
  };
}

async function start(member: Member, plan: Plan): Promise<AliveServer | NotStarted> {
  const [first] = member.cells;
  if (first === undefined) throw new RangeError("A member of a group has at least one cell.");
  const { serverCpus, shards, port } = plan;
  try {
    const server = await first.source({ protocol: first.cell.protocol, cpus: serverCpus, shards, port });
    return { ...member, server, pids: server.pids() };
  } catch (error) {
    const reason = `The server did not start: ${error instanceof Error ? error.message : String(error)}`;
    return { member, reason, stderr: error instanceof StartError ? error.stderrTail : [] };
  }
}

/**
 * Why each server that does not keep quiet must be measured alone, in words. Nothing is under load meanwhile, and no
 * other process is asked for anything.
 */
export async function restless(
  alive: readonly AliveServer[],
  signal: AbortSignal,
): Promise<Map<AliveServer, string>> {
  if (alive.length < 2) return new Map();
  await delay(SETTLING_MS, undefined, { signal });
  let suspects: readonly AliveServer[] = alive;
  const shares = new Map<AliveServer, number>();
  // A runtime may be busy with itself for a moment more, so only what is busy twice in a row is restless.
  for (let look = 0; look < 2 && suspects.length > 0; look++) {
    const seen = await idleShares(suspects, signal);
    suspects = suspects.filter((one) => (seen.get(one) ?? 0) > QUIET_SHARE);
    for (const one of suspects) shares.set(one, seen.get(one) ?? 0);
  }
  return new Map(suspects.map((one) => [one, restlessReason(shares.get(one) ?? 0)]));
}

/** Shares of a CPU that each takes while nothing is asked of it; without those whose clocks cannot be read. */
async function idleShares(
  servers: readonly AliveServer[],
  signal: AbortSignal,
): Promise<Map<AliveServer, number>> {
  const before = servers.map(({ pids }) => readCpuNs(pids));
  const startedAtMs = performance.now();
  await delay(WATCH_MS, undefined, { signal });
  const elapsedNs = (performance.now() - startedAtMs) * 1e6;
  const shares = new Map<AliveServer, number>();
  for (const [index, one] of servers.entries()) {
    const [was, is] = [before[index] ?? null, readCpuNs(one.pids)];
    if (was !== null && is !== null) shares.set(one, (is - was) / elapsedNs);
  }
  return shares;
}

function restlessReason(share: number): string {
  return `It took ${percentage(share)} of a CPU while nothing was asked of it, so no other server was alive beside it.`;
}

/** The measured CPUs, and the processes of this run that may use them; one that has ended would hide what the others used. */
export function measuredOn({ serverCpus, clientCpus }: Plan, servers: readonly AliveServer[]): Measured {
  const own = servers.flatMap(({ pids }) => pids).filter((pid) => isRunning(pid));
  return {
    cpus: [...new Set([...serverCpus, ...clientCpus])],
    pids: [...new Set([...processTree(process.pid), ...own])],
  };
}

/** Whether both are the same server over the same protocol. */
export function isSameServer(a: Cell, b: Cell): boolean {
  return a.framework === b.framework && a.variant === b.variant && a.protocol === b.protocol;
}
