/** The capacity of each server under a latency objective, and the curve that led to it, as tables. */
import { percentileName, type Objective } from "../../results/objective.ts";
import type { SearchStep } from "../../results/run.ts";
import { plain, throughputCell, type Column, type Table, type TableCell } from "../tables.ts";
import { inUnit, NOT_OBSERVED, significant, timeUnit, type Unit } from "../../units.ts";
import type { CapacityCurve, CapacityCurves } from "./capacity-curves.ts";

export const CAPACITY_IS =
  "The capacity is the highest offered rate that met the objective: the mean over generations, each a search of its own, with " +
  "the 95 % interval. The latencies stand beside the rates of the generation with the middle capacity.";

/** One row for each server: the highest rate that met the objective, and the lowest above it that did not. */
export function capacityTable({ objective, curves }: CapacityCurves, operations: string): Table {
  const unit = latencyUnit(curves, objective);
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      wide(number("capacity", `${operations}/s`)),
      ...objective.map(({ percentile }) => number(`${percentileName(percentile)} met`, unit.name)),
      wide(number("not met at", `${operations}/s`)),
      ...objective.map(({ percentile }) => number(`${percentileName(percentile)} there`, unit.name)),
      wide({ title: "because of", unit: null, align: "left" }),
    ],
    rows: curves.map(({ label, capacity, isLowerBound, middle, steps }) => {
      const at = (rate: number | null): SearchStep | undefined =>
        steps.find(({ ratePerSecond }) => ratePerSecond === rate);
      const limit = middle.limitPerSecond;
      return [
        plain(label),
        throughputCell({ throughput: capacity, isLowerBound }),
        ...latencies(at(middle.capacityPerSecond), objective, unit),
        plain(limit === null ? NOT_OBSERVED : significant(limit)),
        ...latencies(at(limit), objective, unit),
        plain(LIMITS[middle.limitedBy]),
      ];
    }),
  };
}

const LIMITS = {
  objective: "the objective",
  generator: "the load generator",
  steps: "the search's length",
} as const;

/** The steps of the generation with the middle capacity, by rate. */
export function curveTable({ objective, curves }: CapacityCurves, operations: string): Table {
  const unit = latencyUnit(curves, objective);
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      wide(number("offered", `${operations}/s`)),
      wide(number("answered", `${operations}/s`)),
      ...objective.map(({ percentile }) => number(percentileName(percentile), unit.name)),
      wide({ title: "objective", unit: null, align: "left" }),
    ],
    rows: curves.flatMap(({ label, steps }) =>
      steps.map((step) => [
        plain(label),
        plain(significant(step.ratePerSecond)),
        plain(significant(step.achievedPerSecond)),
        ...latencies(step, objective, unit),
        plain(OUTCOMES[step.outcome]),
      ]),
    ),
  };
}

export const OUTCOMES = { met: "met", missed: "missed", generator: "not tested: generator late" } as const;

function latencies(step: SearchStep | undefined, objective: Objective, unit: Unit): TableCell[] {
  return objective.map(({ percentile }) => plain(inUnit(step?.latencyNs?.[percentile] ?? null, unit)));
}

function latencyUnit(curves: readonly CapacityCurve[], objective: Objective): Unit {
  return timeUnit(
    curves.flatMap(({ steps }) =>
      steps.flatMap(({ latencyNs }) => objective.map(({ percentile }) => latencyNs?.[percentile] ?? null)),
    ),
  );
}

function number(title: string, unit: string): Column {
  return { title, unit, align: "right" };
}

function wide(column: Column): Column {
  return { ...column, wide: true };
}
