/**
 * Whether other processes interfered with a measurement, by the kernel's counters alone: the generator is what is being
 * tested, so it is not asked. A disturbed sample is measured again, and never decides anything.
 */
import { setTimeout as delay } from "node:timers/promises";
import { cpuPressureUs, readCpuTimes } from "../machine/kernel-counters.ts";

/**
 * Share of the time in which some process waited for a CPU. On a virtual machine it is 5 to 15 % without anybody else; what
 * is below the limit is as likely beside the reference client as beside the generator.
 */
const PRESSURE_LIMIT = 0.25;
/** Share of the machine's CPU time that the hypervisor gave to other guests. What it takes of both sides cancels out. */
const STEAL_LIMIT = 0.05;

/** A machine that is idle for this share of an interval runs no other processes to speak of. */
const IDLE_SHARE = 0.9;
const INTERVAL_MS = 200;

export interface MachineWatch {
  /** Why what was measured since the watch began says nothing; null when the machine was quiet. */
  disturbance(): string | null;
}

export function watchMachine(): MachineWatch {
  const startedAtMs = performance.now();
  const pressureBefore = cpuPressureUs();
  const cpuBefore = readCpuTimes();
  return {
    disturbance: () => {
      const elapsedUs = (performance.now() - startedAtMs) * 1000;
      const pressureAfter = cpuPressureUs();
      if (pressureBefore !== null && pressureAfter !== null) {
        const share = (pressureAfter - pressureBefore) / elapsedUs;
        if (share > PRESSURE_LIMIT)
          return `processes waited for a CPU in ${(share * 100).toFixed(1)} % of the time`;
      }
      const cpuAfter = readCpuTimes();
      if (cpuBefore === null || cpuAfter === null || cpuAfter.totalTicks === cpuBefore.totalTicks)
        return null;
      const steal =
        (cpuAfter.stealTicks - cpuBefore.stealTicks) / (cpuAfter.totalTicks - cpuBefore.totalTicks);
      return steal > STEAL_LIMIT ? `the hypervisor took ${(steal * 100).toFixed(1)} % of the CPU time` : null;
    },
  };
}

/** Waits until no other process uses the CPUs, at most this long. Resolves with the seconds it took. */
export async function untilIdle(limitSeconds: number): Promise<number> {
  const startedAtMs = performance.now();
  const waitedSeconds = (): number => (performance.now() - startedAtMs) / 1000;
  while (waitedSeconds() < limitSeconds) {
    const before = readCpuTimes();
    await delay(INTERVAL_MS);
    const after = readCpuTimes();
    if (before === null || after === null) break;
    if (after.idleTicks - before.idleTicks >= IDLE_SHARE * (after.totalTicks - before.totalTicks)) break;
  }
  return waitedSeconds();
}
