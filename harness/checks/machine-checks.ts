/** Whether the machine left the measured processes alone, and took the connections they were offered. */
import { percentage } from "../units.ts";
import type { CheckDefinition, Observation } from "./check.ts";

/** Share of the measured CPUs' time that other processes may take. Below that, the server's own threads wait. */
const OTHER_PROCESSES_LIMIT = 0.05;

type OfMachine = CheckDefinition<Pick<Observation, "machine">>;

export const steal: OfMachine = {
  id: "steal",
  title: "steal",
  compares: "the share of the machine's CPU time that the hypervisor gave to others",
  passes: "at most",
  limit: 0.05,
  consequence: "invalid",
  passesUnobserved: true,
  observe: ({ machine }) =>
    machine && {
      value: machine.stealShare,
      message:
        machine.stealShare === null
          ? "steal time is not reported here"
          : `the hypervisor took ${percentage(machine.stealShare)} of the CPU time`,
    },
};

/**
 * A server with one busy thread shows under 10 %, and 20 % while Node.js compiles and collects garbage beside it. A
 * server with more threads than CPUs makes pressure by itself, and other processes harm nobody where a CPU is free; so
 * the machine was disturbed only when tasks waited and other processes ran.
 */
export const cpuPressure: OfMachine = {
  id: "cpu-pressure",
  title: "CPU pressure",
  compares: "the share of the window in which some task waited for a CPU while other processes ran on it",
  passes: "at most",
  limit: 0.3,
  consequence: "invalid",
  passesUnobserved: true,
  observe: ({ machine }) => {
    if (machine === null) return null;
    const { cpuPressureShare, otherProcessesCpuShare } = machine;
    if (cpuPressureShare === null) {
      return {
        value: null,
        message: "CPU pressure was not observed: the window was too short, or this kernel does not count it",
      };
    }
    const isDisturbed = otherProcessesCpuShare !== null && otherProcessesCpuShare > OTHER_PROCESSES_LIMIT;
    const others =
      otherProcessesCpuShare === null
        ? "how much other processes took of the CPUs is unknown"
        : `other processes took ${percentage(otherProcessesCpuShare)} of the measured CPUs (limit ${percentage(OTHER_PROCESSES_LIMIT)})`;
    return {
      value: cpuPressureShare,
      message: `some task waited for a CPU in ${percentage(cpuPressureShare)} of the window, and ${others}`,
      ...(isDisturbed ? {} : { passed: true }),
    };
  },
};

/** The kernel counts for all programs of the network namespace; an idle machine adds nothing of its own. */
export const acceptQueue: CheckDefinition<Pick<Observation, "loop" | "machine">> = {
  id: "accept-queue",
  title: "accept queue",
  compares: "the connections that were dropped before they were accepted",
  passes: "at most",
  limit: 0,
  consequence: "invalid",
  passesUnobserved: true,
  observe: ({ loop, machine }) => {
    if (machine === null || loop !== "churn") return null;
    const { listenOverflows, listenDrops } = machine;
    if (listenOverflows === null || listenDrops === null)
      return { value: null, message: "this kernel does not say whether accept queues overflowed" };
    return {
      // Every overflow is a drop as well, so the drops are all there is.
      value: Math.max(listenOverflows, listenDrops),
      message: `${listenDrops} connections were dropped before they were accepted, ${listenOverflows} of them by a full accept queue`,
    };
  },
};
