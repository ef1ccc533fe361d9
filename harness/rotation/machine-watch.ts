/** What the machine did to the measured processes between two moments: steal, CPU pressure, other processes. */
import { applyCheck } from "../checks/check.ts";
import { cpuPressure, steal } from "../checks/machine-checks.ts";
import { readCpuNs } from "../machine/cpu-clocks.ts";
import {
  busySeconds,
  cpuPressureUs,
  listenRefusals,
  readCpuTimes,
  refusalsBetween,
  type ListenRefusals,
} from "../machine/kernel-counters.ts";
import { CLOCK_TICKS_PER_SECOND } from "../machine/proc.ts";
import type { MachineSeen } from "../results/run.ts";
import { differenceObserved, sumObserved } from "../statistics/observed.ts";

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

/**
 * The kernel counts CPUs and steal in ticks, so up to one of each may belong to the time before: it is taken off, and what is
 * left is what others surely took. In a stretch of 0.1 s a single tick would else break every limit.
 */
const TICK_SECONDS = 1 / CLOCK_TICKS_PER_SECOND;

export function machineSince(before: MachineMoment, measured: Measured): MachineSeen {
  return machineBetween(before, machineNow(measured), measured.cpus.length);
}

export function machineBetween(before: MachineMoment, now: MachineMoment, cpuCount: number): MachineSeen {
  const elapsedSeconds = (now.atMs - before.atMs) / 1000;
  const busy = differenceObserved(now.busySeconds, before.busySeconds);
  const ownNs = differenceObserved(now.ownCpuNs, before.ownCpuNs);
  const pressureUs = differenceObserved(now.pressureUs, before.pressureUs);
  return {
    stealShare: stealBetween(before.cpuTimes, now.cpuTimes),
    cpuPressureShare: pressureUs === null ? null : pressureUs / 1e6 / elapsedSeconds,
    otherProcessesCpuShare:
      busy === null || ownNs === null
        ? null
        : Math.max(0, busy - ownNs / 1e9 - TICK_SECONDS * cpuCount) / (elapsedSeconds * cpuCount),
    ...refusalsBetween(before.refusals, now.refusals),
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
  const average = (pick: (span: MachineSeen) => number | null): number | null =>
    sumObserved(
      stretches.map(({ machine, seconds }) => {
        const share = pick(machine);
        return share === null ? null : (share * seconds) / whole;
      }),
    );
  return {
    stealShare: average(({ stealShare }) => stealShare),
    cpuPressureShare: average(({ cpuPressureShare }) => cpuPressureShare),
    otherProcessesCpuShare: average(({ otherProcessesCpuShare }) => otherProcessesCpuShare),
    listenOverflows: sumObserved(spans.map(({ listenOverflows }) => listenOverflows)),
    listenDrops: sumObserved(spans.map(({ listenDrops }) => listenDrops)),
  };
}

function stealBetween(
  before: ReturnType<typeof readCpuTimes>,
  after: ReturnType<typeof readCpuTimes>,
): number | null {
  if (before === null || after === null || after.totalTicks === before.totalTicks) return null;
  return Math.max(0, after.stealTicks - before.stealTicks - 1) / (after.totalTicks - before.totalTicks);
}
