/** Opens idle connections in processes of their own, each within its descriptor limit. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readCpuNs } from "../../machine/cpu-clocks.ts";
import { processTree } from "../../machine/proc.ts";
import { SPARE_DESCRIPTORS, openFileLimit } from "../../machine/open-files.ts";
import { nodeProgram } from "../node-program.ts";
import { spawnSupervised, type Supervised } from "../../machine/supervised.ts";
import { withinSeconds } from "../../machine/time-limit.ts";
import type { FromIdleProcess, ToIdleProcess } from "./idle-messages.ts";

/** Within the 20,000 descriptors that some systems allow at most, with a margin. */
const CONNECTIONS_PER_PROCESS = 15_000;
/** What each connection has echoed once: a connection that never did anything costs a server less than one that rests. */
const ECHO_BYTES = 2048;
const OPENING_LIMIT_SECONDS = 60;
const COUNTING_LIMIT_SECONDS = 5;
const LOOK_MS = 100;
const QUIET_SHARE = 0.02;
const QUIET_LIMIT_MS = 10_000;

/** Idle-connection processes that this process has started so far. */
let startedProcesses = 0;

export interface IdleConnections {
  /** Rejects with a sentence when a connection was lost since it was opened. */
  requireAllOpen(): Promise<void>;
  /** Closes all of them, by ending their processes. */
  close(): Promise<void>;
}

/** How many connections each process opens, so that all stay within `openFiles`; null when that is not known. */
export function splitOverProcesses(connections: number, openFiles: number | null): number[] {
  const allowed = openFiles === null ? CONNECTIONS_PER_PROCESS : openFiles - SPARE_DESCRIPTORS;
  const most = Math.max(1, Math.min(CONNECTIONS_PER_PROCESS, allowed));
  const count = Math.ceil(connections / most);
  return Array.from({ length: count }, (_, index) => Math.min(most, connections - index * most));
}

/** Opens the connections and resolves when all are there; rejects with a sentence, leaving none behind. */
export async function openIdleConnections(
  target: { host: string; port: number },
  connections: number,
  cpus: readonly number[],
): Promise<IdleConnections> {
  const processes: Supervised[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(processes.map((child) => child.kill()));
  };
  try {
    for (const share of splitOverProcesses(connections, openFileLimit())) {
      const child = spawnSupervised({
        ...nodeProgram(join(import.meta.dirname, "idle-process")),
        cpus,
        ipc: true,
      });
      processes.push(child);
      // Each process has source addresses of its own, and so ports of its own. Ports of connections that were closed
      // stay in TIME_WAIT for a minute, so the next process uses other addresses.
      const localNetwork = target.host.startsWith("127.") ? `127.2.${startedProcesses++ % 256}` : null;
      const order = { ...target, localNetwork, connections: share, echoBytes: ECHO_BYTES };
      child.send({ kind: "open", ...order } satisfies ToIdleProcess);
      await withinSeconds(
        OPENING_LIMIT_SECONDS,
        `opening ${share} idle connections`,
        answerOf(child, "opened"),
      );
    }
    await untilQuiet(processes.map((child) => child.supervisorPid));
  } catch (error) {
    await close();
    throw error;
  }
  return { requireAllOpen: () => requireAllOpen(processes, connections), close };
}

/** Having opened thousands of connections a process collects its garbage, on the CPU of the load generator. */
async function untilQuiet(supervisorPids: readonly number[]): Promise<void> {
  const pids = supervisorPids.flatMap((pid) => processTree(pid));
  const untilMs = performance.now() + QUIET_LIMIT_MS;
  for (let before = readCpuNs(pids); performance.now() < untilMs;) {
    await delay(LOOK_MS);
    const now = readCpuNs(pids);
    if (now === null || before === null || now - before < QUIET_SHARE * LOOK_MS * 1e6) return;
    before = now;
  }
}

async function requireAllOpen(processes: readonly Supervised[], connections: number): Promise<void> {
  const counts = await Promise.all(
    processes.map((child) => {
      child.send({ kind: "count" } satisfies ToIdleProcess);
      return withinSeconds(COUNTING_LIMIT_SECONDS, "counting idle connections", answerOf(child, "count"));
    }),
  );
  const open = counts.reduce((sum, count) => sum + count.open, 0);
  if (open === connections) return;
  const reason = counts.find(({ firstLoss }) => firstLoss !== null)?.firstLoss ?? "unknown";
  throw new Error(`Of ${connections} idle connections ${connections - open} were lost (first: ${reason}).`);
}

function answerOf<Kind extends FromIdleProcess["kind"]>(
  child: Supervised,
  kind: Kind,
): Promise<Extract<FromIdleProcess, { kind: Kind }>> {
  return child.receive((raw) => {
    const message = raw as FromIdleProcess;
    if (message.kind === "error") throw new Error(message.message);
    return message.kind === kind ? (message as Extract<FromIdleProcess, { kind: Kind }>) : undefined;
  });
}
