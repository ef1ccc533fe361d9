/**
 * Paired ratios of server CPU per operation to the baseline, which is the cheapest server. Each ratio is taken within
 * one round: its samples lie close together in time, so machine noise slows both sides of a ratio and cancels out, where
 * two medians with intervals of their own would only overlap.
 */
import type { Cell } from "../results/run.ts";
import { countingSamples } from "../results/summary.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import type { Group } from "./groups.ts";
import type { Table } from "./tables.ts";
import { NOT_OBSERVED, significant, whole } from "../units.ts";

export const COST_RATIOS_TITLE =
  "Server CPU per operation as a paired ratio to the baseline, the cheapest server";

/** One row for each server whose cost was observed except the baseline, by cost; null when there is none. */
export function costRatioTable({ rows }: Group): Table | null {
  const observed = rows
    .flatMap(({ label, cell, numbers }) =>
      numbers?.serverCpuNs ? [{ label, costs: costsByRound(cell), medianNs: numbers.serverCpuNs.value }] : [],
    )
    .toSorted((a, b) => a.medianNs - b.medianNs);
  const [baseline, ...others] = observed;
  if (baseline === undefined || others.length === 0) return null;
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      { title: `ratio to ${baseline.label}`, unit: null, align: "right" },
      { title: "paired rounds", unit: null, align: "right" },
    ],
    rows: others.map(({ label, costs }) => {
      const rounds = [...costs.keys()].filter((round) => baseline.costs.has(round));
      const ratio =
        rounds.length === 0 ? null : pairedRatio(pick(baseline.costs, rounds), pick(costs, rounds));
      return [
        { text: label, detail: null },
        ratio === null
          ? { text: NOT_OBSERVED, detail: null }
          : {
              text: significant(ratio.value),
              detail: `[${significant(ratio.low)}–${significant(ratio.high)}]`,
            },
        { text: whole(rounds.length), detail: null },
      ];
    }),
  };
}

function costsByRound(cell: Cell): Map<number, number> {
  return new Map(
    countingSamples(cell.samples).flatMap(({ round, serverCpuNsPerOp }) =>
      serverCpuNsPerOp === null ? [] : [[round, serverCpuNsPerOp] as const],
    ),
  );
}

function pick(costs: ReadonlyMap<number, number>, rounds: readonly number[]): number[] {
  return rounds.map((round) => costs.get(round) as number);
}
