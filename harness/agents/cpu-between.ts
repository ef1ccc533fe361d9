/** The CPU time of processes of this machine in a window that other machines measure in. */
import { setTimeout as delay } from "node:timers/promises";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import { monotonicNs } from "./clock.ts";

/**
 * CPU time of these processes between two moments of the monotonic clock, nanoseconds; null when there are none or one cannot
 * be read. A timer comes up to a millisecond late, so what was seen is scaled to the window.
 */
export async function cpuBetween(
  pids: readonly number[],
  fromNs: number,
  toNs: number,
): Promise<number | null> {
  if (pids.length === 0) return null;
  const first = await lookAt(pids, fromNs);
  const last = await lookAt(pids, toNs);
  if (first.cpuNs === null || last.cpuNs === null || last.atNs <= first.atNs) return null;
  return ((last.cpuNs - first.cpuNs) * (toNs - fromNs)) / (last.atNs - first.atNs);
}

async function lookAt(
  pids: readonly number[],
  atNs: number,
): Promise<{ atNs: number; cpuNs: number | null }> {
  await delay(Math.max(0, (atNs - monotonicNs()) / 1e6));
  return { atNs: monotonicNs(), cpuNs: readCpuNs(pids) };
}
