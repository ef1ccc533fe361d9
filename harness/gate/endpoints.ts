/** What a gate compares in every block: a difference of logarithms, positive when the head is worse. */
import type { Loop } from "../contract.ts";
import { ENDPOINT_IDS, type EndpointId, type GateMargins } from "../results/gate.ts";
import type { Sample } from "../results/run.ts";
import type { Margins } from "../statistics/sequential.ts";

interface Definition {
  title: string;
  loops: readonly Loop[];
  /** What is worse when it is more; null when it was not observed, or says nothing about the server. */
  valueOf(sample: Sample): number | null;
  /** Unless the user says otherwise. */
  margins: GateMargins;
}

export const ENDPOINTS: Readonly<Record<EndpointId, Definition>> = {
  "server-cpu": {
    title: "server CPU per operation",
    loops: ["closed", "churn", "open"],
    valueOf: ({ serverCpuNsPerOp }) => serverCpuNsPerOp,
    margins: { ignorable: 0.02, mustCatch: 0.05 },
  },
  "time-per-operation": {
    title: "time per operation",
    loops: ["closed", "churn"],
    // Where the generator is the limit, the throughput is the generator's.
    valueOf: ({ load, validity }) =>
      load === null || load.operations === 0 || validity?.verdict !== "valid"
        ? null
        : load.windowSeconds / load.operations,
    margins: { ignorable: 0.02, mustCatch: 0.05 },
  },
  "p99-latency": {
    title: "p99 latency",
    loops: ["open"],
    valueOf: ({ load }) => load?.latency?.latencyNs.p99 ?? null,
    margins: { ignorable: 0.05, mustCatch: 0.2 },
  },
};

/** What is ignorable and what must be caught of each endpoint, where the user says nothing. */
export const USUAL_MARGINS = Object.fromEntries(
  ENDPOINT_IDS.map((id) => [id, ENDPOINTS[id].margins]),
) as Record<EndpointId, GateMargins>;

/** Those that a load of this kind has. */
export function endpointsOf(loop: Loop): EndpointId[] {
  return ENDPOINT_IDS.filter((id) => ENDPOINTS[id].loops.includes(loop));
}

/** The margins of an endpoint as differences of logarithms. */
export function logMargins(margins: Readonly<Record<string, GateMargins>>, id: EndpointId): Margins {
  const { ignorable, mustCatch } = margins[id] ?? ENDPOINTS[id].margins;
  return { ignorable: Math.log1p(ignorable), mustCatch: Math.log1p(mustCatch) };
}

/** log(head / base); null when one of them has no such number. */
export function difference(id: EndpointId, base: Sample, head: Sample): number | null {
  const [before, after] = [ENDPOINTS[id].valueOf(base), ENDPOINTS[id].valueOf(head)];
  return before === null || after === null || before <= 0 || after <= 0 ? null : Math.log(after / before);
}
