/** What a gate compares in every block: a difference of logarithms, positive when the head is worse. */
import type { Loop } from "../contract.ts";
import type { Sample } from "../results/run.ts";
import type { Margins } from "../statistics/sequential.ts";

interface Definition {
  title: string;
  loops: readonly Loop[];
  /** What is worse when it is more; null when it was not observed, or says nothing about the server. */
  valueOf(sample: Sample): number | null;
  /** As shares: 0.02 is 2 %. */
  ignorable: number;
  mustCatch: number;
}

export const ENDPOINTS = {
  "server-cpu": {
    title: "server CPU per operation",
    loops: ["closed", "churn", "open"],
    valueOf: ({ serverCpuNsPerOp }) => serverCpuNsPerOp,
    ignorable: 0.02,
    mustCatch: 0.05,
  },
  "time-per-operation": {
    title: "time per operation (the inverse of the throughput)",
    loops: ["closed", "churn"],
    // Where the generator is the limit, the throughput is the generator's.
    valueOf: ({ load, validity }) =>
      load === null || load.operations === 0 || validity?.verdict !== "valid"
        ? null
        : load.windowSeconds / load.operations,
    ignorable: 0.02,
    mustCatch: 0.05,
  },
  "p99-latency": {
    title: "p99 latency",
    loops: ["open"],
    valueOf: ({ load }) => load?.latency?.latencyNs.p99 ?? null,
    ignorable: 0.05,
    mustCatch: 0.2,
  },
} as const satisfies Record<string, Definition>;
export type EndpointId = keyof typeof ENDPOINTS;
export const ENDPOINT_IDS = Object.keys(ENDPOINTS) as EndpointId[];

/** Those that a load of this kind has. */
export function endpointsOf(loop: Loop): EndpointId[] {
  return ENDPOINT_IDS.filter((id) => (ENDPOINTS[id] as Definition).loops.includes(loop));
}

export function marginsOf(id: EndpointId): Margins {
  const { ignorable, mustCatch } = ENDPOINTS[id];
  return { ignorable: Math.log1p(ignorable), mustCatch: Math.log1p(mustCatch) };
}

/** log(head / base); null when one of them has no such number. */
export function difference(id: EndpointId, base: Sample, head: Sample): number | null {
  const [before, after] = [ENDPOINTS[id].valueOf(base), ENDPOINTS[id].valueOf(head)];
  return before === null || after === null || before <= 0 || after <= 0 ? null : Math.log(after / before);
}
