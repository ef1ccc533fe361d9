/** The shards of one load as the load that they are. */
import { isDeepStrictEqual } from "node:util";
import { mergeShards } from "../children/generator/slice-load.ts";
import { Failure } from "../failure.ts";
import type { AgentSeen } from "../results/run.ts";
import type { ShardRecord } from "../results/shard.ts";

/**
 * One record of all shards; a shard that is missing is named in its `agents` as lost. Throws a Failure when they are not
 * of one load, or one is there twice.
 */
export function mergeRecords(records: readonly ShardRecord[]): ShardRecord {
  const [first] = records;
  if (first === undefined) throw new Failure(2, "There are no shards to merge; name their files.");
  const { whole, shards, startAt } = first;
  if (!records.every((one) => isDeepStrictEqual(sharedBy(one), sharedBy(first))))
    throw new Failure(
      2,
      "These shards are not of one load: their loads, numbers of shards or threads, or starts differ.",
    );
  const byIndex = new Map(records.map((one) => [one.index, one]));
  if (byIndex.size < records.length) throw new Failure(2, "One shard is there twice; name each file once.");
  return {
    ...first,
    ...{ whole, shards: 1, index: 1, startAt, startErrorNs: null },
    load: {
      ...mergeShards(records.map(({ load }) => load)),
      serverCpuNs: null,
      agents: Array.from({ length: shards }, (_, position) =>
        seenOf(position + 1, byIndex.get(position + 1)),
      ),
    },
  };
}

function sharedBy({ whole, shards, threads, startAt }: ShardRecord) {
  return { whole, shards, threads, startAt };
}

function seenOf(index: number, record: ShardRecord | undefined): AgentSeen {
  if (record === undefined)
    return {
      ...{ name: `shard ${index}`, operations: 0, busyShare: null, startErrorNs: null, clockErrorNs: null },
      lost: "its result is not among these",
    };
  const { machine, startErrorNs, load } = record;
  return {
    name: `shard ${index} on ${machine}`,
    operations: load.operations,
    busyShare: Math.max(0, ...load.clientBusyShare),
    // Nobody compared its clock with those of the others.
    ...{ startErrorNs, clockErrorNs: null, lost: null },
  };
}
