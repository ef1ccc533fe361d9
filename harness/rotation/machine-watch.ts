/** What the machine did to the measured processes between two moments: steal, CPU pressure, other processes. */
import { applyCheck } from "../checks/check.ts";
import { cpuPressure, steal } from "../checks/machine-checks.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import {
  busySeconds,
  cpuPressureUs,
  listenRefusals,
  readCpuTimes,
  refusalsSince,
  type ListenRefusals,
} from "../machine/kernel-counters.ts";
import type { MachineSeen } from "../results/run.ts";

/** The CPUs that are measured on, and every process that takes part, this one included. */
export interface Measured {
  cpus: readonly number[];
  pids: readonly number[];
}

export interface MachineMoment {
  atMs: number;
  cpuTimes: ReturnType<typeof readCpuTimes>;
  pressureUs: number | null;
  busySeconds: number | null;
  ownCpuNs: number | null;
  refusals: ListenRefusals;
}

export function machineNow({ cpus, pids }: Measured): MachineMoment {
  return {
    atMs: performance.now(),
    cpuTimes: readCpuTimes(),
    pressureUs: cpuPressureUs(),
    busySeconds: busySeconds(cpus),
    ownCpuNs: readCpuNs(pids),
    refusals: listenRefusals(),
  };
}

export function machineSince(before: MachineMoment, measured: Measured): MachineSeen {
  const now = machineNow(measured);
  const elapsedSeconds = (now.atMs - before.atMs) / 1000;
  const busy = difference(before.busySeconds, now.busySeconds);
  const ownNs = difference(before.ownCpuNs, now.ownCpuNs);
  const pressureUs = difference(before.pressureUs, now.pressureUs);
  return {
    stealShare: stealBetween(before.cpuTimes, now.cpuTimes),
    cpuPressureShare: pressureUs === null ? null : pressureUs / 1e6 / elapsedSeconds,
    // The kernel counts CPUs by ticks and processes by their clocks, so a little less than nothing can come out.
    otherProcessesCpuShare:
      busy === null || ownNs === null
        ? null
        : Math.max(0, busy - ownNs / 1e9) / (elapsedSeconds * measured.cpus.length),
    ...refusalsSince(before.refusals),
  };
}

/** Which limit the machine broke, in words; null when it left the measurement alone. The limits are those of the checks. */
export function spoiledBy(machine: MachineSeen): string | null {
  for (const definition of [steal, cpuPressure]) {
    const check = applyCheck(definition, { machine });
    if (check !== null && !check.passed) return check.message;
  }
  return null;
}

/** Several spans as one, in which each share weighs as much as its span is long; null when there is none. */
export function averageMachine(
  stretches: readonly { machine: MachineSeen; seconds: number }[],
): MachineSeen | null {
  if (stretches.length === 0) return null;
  const spans = stretches.map(({ machine }) => machine);
  const whole = stretches.reduce((all, { seconds }) => all + seconds, 0);
  const average = (pick: (span: MachineSeen) => number | null): number | null => {
    const shares = stretches.map(({ machine, seconds }) => {
      const share = pick(machine);
      return share === null ? null : (share * seconds) / whole;
    });
    return shares.includes(null) ? null : (shares as number[]).reduce((all, share) => all + share, 0);
  };
  const sum = (pick: (span: MachineSeen) => number | null): number | null => {
    const values = spans.map(pick);
    return values.includes(null) ? null : (values as number[]).reduce((all, value) => all + value, 0);
  };
  return {
    stealShare: average(({ stealShare }) => stealShare),
    cpuPressureShare: average(({ cpuPressureShare }) => cpuPressureShare),
    otherProcessesCpuShare: average(({ otherProcessesCpuShare }) => otherProcessesCpuShare),
    listenOverflows: sum(({ listenOverflows }) => listenOverflows),
    listenDrops: sum(({ listenDrops }) => listenDrops),
  };
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before;
}

function stealBetween(
  before: ReturnType<typeof readCpuTimes>,
  after: ReturnType<typeof readCpuTimes>,
): number | null {
  if (before === null || after === null || after.totalTicks === before.totalTicks) return null;
  return (after.stealTicks - before.stealTicks) / (after.totalTicks - before.totalTicks);
}
