/** Whether the machine left the measured processes alone, and took the connections they were offered. */
import type { Check, MachineSeen } from "../results/run.ts";
import { percentage } from "../units.ts";

/** Share of the machine's CPU time that the hypervisor may give to others. */
const STEAL_LIMIT = 0.05;
/**
 * Share of the window in which some task of the machine may wait for a CPU. A server with one busy thread shows under
 * 10 %, and 20 % while Node.js compiles and collects garbage beside it.
 */
const CPU_PRESSURE_LIMIT = 0.3;
/** Share of the measured CPUs' time that others may take. Below that, it is the server's own threads that wait. */
const OTHERS_CPU_LIMIT = 0.05;

export function steal({ stealShare }: MachineSeen): Check {
  return {
    name: "steal",
    passed: stealShare === null || stealShare <= STEAL_LIMIT,
    value: stealShare,
    limit: STEAL_LIMIT,
    message:
      stealShare === null
        ? "steal time is not reported here"
        : `the hypervisor took ${percentage(stealShare)} of the CPU time`,
  };
}

/**
 * A server with more threads than CPUs makes pressure by itself, and others harm nobody where a CPU is free; so the
 * machine was disturbed only when tasks waited and others ran.
 */
export function cpuPressure({ cpuPressureShare, othersCpuShare }: MachineSeen): Check {
  const others =
    othersCpuShare === null
      ? "how much others took of the CPUs is unknown"
      : `others took ${percentage(othersCpuShare)} of the measured CPUs (limit ${percentage(OTHERS_CPU_LIMIT)})`;
  const isDisturbed = othersCpuShare !== null && othersCpuShare > OTHERS_CPU_LIMIT;
  return {
    name: "CPU pressure",
    passed: cpuPressureShare === null || cpuPressureShare <= CPU_PRESSURE_LIMIT || !isDisturbed,
    value: cpuPressureShare,
    limit: CPU_PRESSURE_LIMIT,
    message:
      cpuPressureShare === null
        ? "CPU pressure was not observed: the window was too short, or this kernel does not count it"
        : `some task waited for a CPU in ${percentage(cpuPressureShare)} of the window, and ${others}`,
  };
}

/** The kernel counts for all programs of the network namespace; an idle machine adds nothing of its own. */
export function acceptQueue({ listenOverflows, listenDrops }: MachineSeen): Check {
  const name = "accept queue";
  if (listenOverflows === null || listenDrops === null) {
    return {
      ...{ name, passed: true, value: null, limit: 0 },
      message: "this kernel does not say whether accept queues overflowed",
    };
  }
  // Every overflow is a drop as well, so the drops are all there is.
  const value = Math.max(listenOverflows, listenDrops);
  return {
    name,
    passed: value === 0,
    value,
    limit: 0,
    message: `${listenDrops} connections were dropped before they were accepted, ${listenOverflows} of them by a full accept queue`,
  };
}
