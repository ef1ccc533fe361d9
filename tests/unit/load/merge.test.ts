/** Shards of one load as that load. */
import { expect, test } from "vitest";
import { mergeRecords } from "../../../harness/load/merge.ts";
import { loadText, verdictOf } from "../../../harness/load/text.ts";
import { SHARD_SCHEMA, type ShardRecord } from "../../../harness/results/shard.ts";
import { shardProblems } from "../../../harness/results/validate.ts";
import { slice } from "../../fixtures/slices.ts";

function shard(index: number, change: Partial<ShardRecord> = {}): ShardRecord {
  return {
    schema: SHARD_SCHEMA,
    whole: {
      ...{ protocol: "tcp", host: "127.0.0.1", port: 4000, loop: "closed", connections: 8, payloadBytes: 64 },
      ...{ pipeline: 1, ratePerSecond: null, arrivals: null, closeMode: null, warmupSeconds: 1 },
      ...{ durationSeconds: 1, timeoutSeconds: 5, seed: 1 },
    },
    ...{
      index,
      shards: 2,
      threads: 1,
      machine: `m${index}`,
      startAt: "2026-01-31T12:00:00.000Z",
      startErrorNs: 1000,
    },
    load: slice({ edgeInFlight: 4 - 1e-5, clientBusyShare: [0.1 * index] }),
    ...change,
  };
}

test("is what the schema says", () => {
  expect(shardProblems(shard(1))).toEqual([]);
  expect(shardProblems(mergeRecords([shard(1), shard(2)]))).toEqual([]);
});

test("adds what all shards did in the same time", () => {
  const { load } = mergeRecords([shard(2), shard(1)]);
  expect(load).toMatchObject({ operations: 20, windowSeconds: 1 });
  expect(load.agents).toMatchObject([
    { name: "shard 1 on m1" },
    { name: "shard 2 on m2", startErrorNs: 1000 },
  ]);
});

test("names a shard that is missing, keeps the others, and prints no speed", () => {
  const record = mergeRecords([shard(2)]);
  expect(record.load).toMatchObject({
    operations: 10,
    agents: [{ name: "shard 1", lost: expect.any(String) }, { lost: null }],
  });
  expect(verdictOf(record)).toMatchObject({
    isValid: false,
    reason: expect.stringContaining("shard 1 was lost"),
  });
  expect(loadText(record)).not.toContain("operations/s");
  expect(loadText(record)).toContain("12 sent, 12 verified");
});

test("prints the speed of a load that is whole", () => {
  expect(loadText(mergeRecords([shard(1), shard(2)]))).toMatch(/operations\/s\s+20\.0/);
});

test("a shard that began too far from the others makes the load invalid", () => {
  const late = mergeRecords([shard(1), shard(2, { startErrorNs: 9e6 })]);
  expect(verdictOf(late).reason).toContain("shard 2 on m2 began up to 9.00 ms from the others");
});

test.each([
  ["of another load", [shard(1), shard(2, { whole: { ...shard(2).whole, seed: 2 } })], /not of one load/],
  ["of other threads", [shard(1), shard(2, { threads: 2 })], /not of one load/],
  ["that began at another time", [shard(1), shard(2, { startAt: null })], /not of one load/],
  ["that is there twice", [shard(1), shard(1)], /twice/],
  ["at all", [], /no shards to merge/],
])("refuses a shard %s", (_what, records, sentence) => {
  expect(() => mergeRecords(records)).toThrow(sentence);
});

test("shards that had no moment to begin at are no load, for nobody knows whether they ran together", () => {
  const whenever = [1, 2].map((index) => shard(index, { startAt: null, startErrorNs: null }));
  expect(verdictOf(mergeRecords(whenever))).toMatchObject({
    isValid: false,
    reason: expect.stringContaining("nobody knows"),
  });
});
