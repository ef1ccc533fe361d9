/** Where the engines disagree, and why: from what each of them and the server did, and from what each can resolve. */
import type { CrossCheck, EngineResult } from "./crosscheck.ts";
import { middle } from "./crosscheck.ts";

/** A process busier than this, per CPU it may use, decides how fast the two of them are. */
const SATURATED = 0.9;
/** Latencies further apart than this are reported. */
const LATENCY_RATIO = 1.25;

/** One sentence for each disagreement with ours, and the caveats of those who took part. */
export function explainDisagreements({ engines, ratios }: CrossCheck): string[] {
  const ours = engines[0];
  if (ours === undefined || ours.rounds.length === 0) return [];
  const others = engines.slice(1).filter(({ rounds }) => rounds.length > 0);
  const found = others.flatMap((other) => {
    const ratio = ratios.find(({ engine }) => engine === other.engine)?.requestsPerSecond;
    return [
      ratio === undefined || (ratio.low <= 1 && ratio.high >= 1)
        ? `Throughput: ${ours.engine} and ${other.engine} agree within their intervals.`
        : `Throughput: ${ours.engine} reached ${ratio.value.toFixed(2)} times what ${other.engine} did. ${limits(ours)} ${limits(other)}`,
      ...latencyWords(ours, other),
    ];
  });
  return [...found, ...others.flatMap(({ caveat }) => caveat ?? [])];
}

/** Who was the bottleneck under this engine. */
function limits(result: EngineResult): string {
  const server = middle(result, ({ serverBusyShare }) => serverBusyShare);
  const client = middle(result, ({ clientBusyShare }) => clientBusyShare);
  if (server === null || client === null) return `Who limited it under ${result.engine} was not observed.`;
  const shares = `the server used ${percent(server)} of its CPU and ${result.engine} ${percent(client)}`;
  if (server >= SATURATED) return `Under ${result.engine} the server was the limit (${shares}).`;
  if (client >= SATURATED) return `Under ${result.engine} the client was the limit (${shares}).`;
  return `Under ${result.engine} neither was saturated, so both waited for each other (${shares}).`;
}

function latencyWords(ours: EngineResult, other: EngineResult): string[] {
  const [a, b] = [ours, other].map((one) => middle(one, ({ latencyNs }) => latencyNs?.p50 ?? null));
  if (a == null || b == null || a === 0) return [];
  if (other.latencyResolutionNs >= a) {
    return [
      `Latency: ${other.engine} cannot resolve it; it records steps of ${other.latencyResolutionNs / 1e6} ms, and the median here is ${micro(a)}.`,
    ];
  }
  const ratio = Math.max(a / b, b / a);
  if (ratio < LATENCY_RATIO) return [];
  return [
    `Latency: the median is ${micro(a)} under ${ours.engine} and ${micro(b)} under ${other.engine}. In a closed loop it is ` +
      `the connections divided by the throughput, so the one with the lower throughput sees the longer one, whatever the server.`,
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function micro(ns: number): string {
  return `${(ns / 1000).toFixed(0)} µs`;
}
