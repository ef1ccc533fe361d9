/**
 * How many times the CPU of the cheapest server each other one takes for an operation. Ratios are taken round by round:
 * the samples of a round lie close together in time, so a machine that is slow for a while slows both sides of a ratio
 * and cancels out, where two medians with intervals of their own would only overlap.
 */
import type { Cell } from "../results/run.ts";
import { countingSamples } from "../results/summary.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import type { Group } from "./groups.ts";
import type { Table } from "./tables.ts";
import { NOT_OBSERVED, significant, whole } from "../units.ts";

export const COST_RATIOS_TITLE = "Server CPU per operation against the cheapest, round by round";

/** One row for each server whose cost was observed, cheapest first; null when there are fewer than two. */
export function costRatioTable({ rows }: Group): Table | null {
  const observed = rows
    .flatMap(({ label, cell, numbers }) =>
      numbers?.serverCpuNs ? [{ label, costs: costsByRound(cell), medianNs: numbers.serverCpuNs.value }] : [],
    )
    .toSorted((a, b) => a.medianNs - b.medianNs);
  const [cheapest, ...others] = observed;
  if (cheapest === undefined || others.length === 0) return null;
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      { title: `times ${cheapest.label}`, unit: null, align: "right" },
      { title: "rounds of both", unit: null, align: "right" },
    ],
    rows: others.map(({ label, costs }) => {
      const rounds = [...costs.keys()].filter((round) => cheapest.costs.has(round));
      const ratio =
        rounds.length === 0 ? null : pairedRatio(pick(cheapest.costs, rounds), pick(costs, rounds));
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
