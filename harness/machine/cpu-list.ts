/** CPU lists as the kernel and its tools write them, and the CPUs this process may use. */
import { readFileSync } from "node:fs";
import { Failure } from "../failure.ts";

/** Parses a CPU list such as "0,2-3"; `flag` names it in the error. */
export function parseCpuList(list: string, flag: string): number[] {
  const cpus = list.split(",").flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (!match || last < first || last > 4095) {
      throw new Failure(2, `${flag} takes a CPU list such as 0 or 0,2-3, not "${list}".`);
    }
    return Array.from({ length: last - first + 1 }, (_value, index) => first + index);
  });
  return [...new Set(cpus)].toSorted((a, b) => a - b);
}

/** The CPUs this process may use; containers and `taskset` can leave fewer than the machine has. */
export function allowedCpus(): number[] {
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return list === undefined ? [0] : parseCpuList(list, "Cpus_allowed_list");
}
