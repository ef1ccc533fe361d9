/** Whether two runs were made under the same conditions, so that what differs between them is what was measured. */
import type { Environment, Plan, Run } from "./run.ts";

/** Under `versions` of the environment, where servers ran on another Node.js than the harness. */
const NODE_OF_SERVERS = "node of the servers";

/** To be added to the versions of an environment in which servers run on Node.js of this version. */
export function nodeOfServers(version: string): Record<string, string> {
  return { [NODE_OF_SERVERS]: version };
}

/** The version of Node.js that the servers ran on, such as "22.23.3"; null where it is not known. */
export function serverNode({ versions }: Environment): string | null {
  return versions[NODE_OF_SERVERS] ?? versions["node"] ?? null;
}

/** What decides a number, and is not what anybody compares: the machine, the runtime, and where each side ran. */
const OF_ENVIRONMENT: Record<string, (environment: Environment) => unknown> = {
  "the processor": ({ cpu }) => cpu.model,
  "the number of CPUs": ({ cpu }) => cpu.count,
  "the mitigations of CPU vulnerabilities": ({ cpu }) => cpu.mitigations,
  "the frequency governor": ({ cpu }) => cpu.governor,
  "the kernel": ({ kernel }) => kernel,
  "the hypervisor": ({ hypervisor }) => hypervisor,
  "the limits": ({ limits }) => limits,
  "the version of Node.js": serverNode,
};

/** More or longer generations make a number surer and not another one, so those may differ. */
const OF_PLAN: Record<string, (plan: Plan) => unknown> = {
  "the server's CPUs": ({ serverCpus }) => serverCpus,
  "the generator's CPUs": ({ clientCpus }) => clientCpus,
  "the number of shards": ({ shards }) => shards,
  "the processes of each server": ({ serverProcesses = 1 }) => serverProcesses,
  "the length of a slice": ({ sliceSeconds }) => sliceSeconds,
  "the load before a slice": ({ discardSeconds }) => discardSeconds,
  "whether other servers were alive": ({ isolated }) => isolated,
};

/** Each condition that differs, with both its values, in words; empty when the runs may be compared. */
export function differencesOf(base: Run, head: Run): string[] {
  return [
    ...differing(OF_ENVIRONMENT, base.environment, head.environment),
    ...differing(OF_PLAN, base.plan, head.plan),
  ];
}

function differing<Conditions>(
  conditions: Record<string, (of: Conditions) => unknown>,
  base: Conditions,
  head: Conditions,
): string[] {
  return Object.entries(conditions).flatMap(([name, read]) => {
    const [before, after] = [JSON.stringify(sorted(read(base))), JSON.stringify(sorted(read(head)))];
    return before === after ? [] : [`${name} (${before} and ${after})`];
  });
}

/** Records that hold the same are the same in whatever order they were written. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
