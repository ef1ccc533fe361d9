/** What one load says, for a terminal. A load that is not valid shows no speed, but why, and where its requests went. */
import { judge, reasonOf } from "../checks/judge.ts";
import { mergeSlices } from "../children/generator/slice-load.ts";
import { oneLine } from "../reports/safe-text.ts";
import type { Percentiles } from "../results/run.ts";
import type { ShardRecord } from "../results/shard.ts";
import { duration, NOT_OBSERVED, percentage, significant, whole } from "../units.ts";

const PERCENTILES: Record<keyof Percentiles, string> = {
  ...{ p50: "p50", p90: "p90", p99: "p99", p99_9: "p99.9", max: "max" },
};

/** By the checks of a bench that look at the load alone. */
export function verdictOf({ whole: { loop }, load }: ShardRecord): {
  isValid: boolean;
  reason: string | null;
} {
  const merged = mergeSlices([load]);
  if (merged.operations === 0)
    return { isValid: false, reason: merged.accounting.firstError ?? "no operation was completed" };
  // How many CPUs the server has is not known here, so a busy generator is taken for the limit.
  const validity = judge({
    ...{ loop, load: merged, counters: null, machine: null },
    serverCpuCount: Number.POSITIVE_INFINITY,
  });
  return { isValid: validity.verdict !== "invalid", reason: reasonOf(validity) };
}

export function loadText(record: ShardRecord): string {
  const { whole: asked, index, shards, load } = record;
  const { isValid, reason } = verdictOf(record);
  const merged = mergeSlices([load]);
  const { accounting, latency, windowSeconds, operations, agents = [] } = merged;
  const shard = shards === 1 ? "" : `, shard ${index} of ${shards}`;
  const lines = [
    `${asked.loop} loop over ${asked.protocol} on ${asked.host}:${asked.port}${shard}: ${whole(asked.connections)} connections, ` +
      `${whole(asked.payloadBytes)} bytes${asked.ratePerSecond === null ? "" : `, ${whole(asked.ratePerSecond)} requests/s offered`}`,
  ];
  if (isValid) {
    lines.push(
      `  operations/s  ${significant(operations / windowSeconds)} in ${significant(windowSeconds)} s`,
    );
    for (const [name, label] of Object.entries(PERCENTILES))
      lines.push(
        `  ${label.padEnd(12)}  ${latency === null ? NOT_OBSERVED : duration(latency.latencyNs[name as keyof Percentiles])}`,
      );
  }
  const errors = Object.values(accounting.errors).reduce((sum, count) => sum + count, 0);
  lines.push(
    `  requests      ${whole(accounting.sent)} sent, ${whole(accounting.ok)} verified, ${whole(errors)} failed` +
      (accounting.lost === undefined ? "" : `, ${whole(accounting.lost)} lost`),
  );
  for (const { name, lost, startErrorNs, clockErrorNs, busyShare, operations: own } of agents)
    lines.push(
      lost !== null
        ? `  ${oneLine(name)}: lost (${oneLine(lost)})`
        : `  ${oneLine(name)}: ${whole(own)} operations, began ${startErrorNs === null ? "at no common moment" : `${duration(Math.abs(startErrorNs))} ${startErrorNs < 0 ? "early" : "late"}`}` +
            `${clockErrorNs === null ? "" : ` (its clock known to ${duration(clockErrorNs)})`}, busiest thread ${percentage(busyShare ?? 0)} of a CPU`,
    );
  if (reason !== null) lines.push(`  ${isValid ? "but" : "not valid"}: ${oneLine(reason)}`);
  return `${lines.join("\n")}\n`;
}
