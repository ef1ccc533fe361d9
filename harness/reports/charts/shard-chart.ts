/** How connections spread over the shards of each server that has several. */
import type { Group } from "../groups.ts";
import type { Markup } from "../markup.ts";
import { shardShares } from "../tables.ts";
import { percentage, whole } from "../../units.ts";
import { type Bar, barChart } from "./bars.ts";
import { type Looks, lookOf } from "./series.ts";

/** Null when no server of the group has shards. */
export function shardChart(id: string, group: Group, name: string, looks: Looks): Markup | null {
  const bars = group.rows.flatMap(({ label, numbers }) => {
    const counts = numbers?.connectionsPerShard ?? [];
    const shares = shardShares(counts);
    return shares.length === 0 ? [] : [bar(label, counts, shares, lookOf(looks, label).colour)];
  });
  if (bars.length === 0) return null;
  const title = `Connections per shard, ${name}`;
  const description =
    "One bar for each sharded server: each part is one shard's share of the connections it accepted. Equal parts are a uniform distribution. The table below the chart holds the shares.";
  return barChart({ id, title, description, className: "shards" }, [{ title: null, bars }]);
}

function bar(label: string, counts: readonly number[], shares: readonly number[], colour: string): Bar {
  return {
    label,
    value: `${percentage(Math.min(...shares))} – ${percentage(Math.max(...shares))}`,
    parts: shares.map((share, shard) => ({
      length: share,
      className: `fill parted ${shard % 2 === 0 ? "" : "pale "}${colour}`,
      tooltip: `shard ${shard + 1}: ${whole(counts[shard] ?? 0)} connections, ${percentage(share)}`,
    })),
    below: null,
    whisker: null,
    isLowerBound: false,
  };
}
