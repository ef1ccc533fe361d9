/** The CPU clocks of processes, which count nanoseconds where /proc counts ticks of 10 ms. */
import { addon } from "../../native/index.ts";

/** CPU time of these processes together, in nanoseconds, or null when there are none or one cannot be read. */
export function readCpuNs(pids: readonly number[]): number | null {
  return addon.loadgen.readCpuNs(pids);
}
