/** Which CPUs the server and the load generator get. */
import { Failure } from "../failure.ts";
import { allowedCpus } from "../machine/cpu-list.ts";

/** The user's choice, or one CPU for each side, disjoint as long as there are two. */
export function assignCpus(
  serverCpus: readonly number[] | null,
  clientCpus: readonly number[] | null,
): { serverCpus: number[]; clientCpus: number[] } {
  const allowed = allowedCpus();
  for (const [flag, cpus] of [
    ["--server-cpus", serverCpus],
    ["--client-cpus", clientCpus],
  ] as const) {
    const missing = cpus?.find((cpu) => !allowed.includes(cpu));
    if (missing !== undefined) {
      throw new Failure(2, `${flag} names CPU ${missing}; this process may use ${allowed.join(",")}.`);
    }
  }
  const server = serverCpus ?? [allowed.find((cpu) => !clientCpus?.includes(cpu)) ?? allowed[0] ?? 0];
  const client = clientCpus ?? [allowed.find((cpu) => !server.includes(cpu)) ?? allowed[0] ?? 0];
  return { serverCpus: [...server], clientCpus: [...client] };
}
