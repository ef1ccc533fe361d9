/** Latency by offered rate: the cells of one workload at several rates are the points of a curve for each server. */
import { objectiveOf } from "../results/objective.ts";
import type { Parameters } from "../contract.ts";
import { inUnit, significant, timeUnit } from "../units.ts";
import type { RateLine, RatePoint } from "./charts/rate-chart.ts";
import type { Group, Row } from "./groups.ts";
import { settingsText } from "./labels.ts";
import { plain, type Table } from "./tables.ts";

interface MeasuredRate extends RatePoint {
  row: Row;
}

export interface RateCurves {
  protocol: Group["protocol"];
  /** What was measured, but for the rate. */
  title: string;
  operations: string;
  curves: (Omit<RateLine, "steps"> & { steps: MeasuredRate[] })[];
}

/** One for each workload that has at least two rates; none for searches, which have curves of their own. */
export function rateCurves(groups: readonly Group[]): RateCurves[] {
  const offered = groups.filter(
    (group) => rateOf(group) !== null && objectiveOf(parametersOf(group)) === null,
  );
  const alike = Map.groupBy(offered, (group) => `${group.protocol} ${JSON.stringify(othersOf(group))}`);
  return [...alike.values()].flatMap((own): RateCurves[] => {
    const [first] = own;
    if (first === undefined || own.length < 2) return [];
    const points = own.flatMap((group) => group.rows.map((row) => pointOf(row, rateOf(group) ?? 0)));
    const byServer = Map.groupBy(points, ({ row }) => row.label);
    const curves = [...byServer].map(([label, steps]) => ({
      ...{ label, others: [] },
      steps: steps.toSorted((a, b) => a.ratePerSecond - b.ratePerSecond),
    }));
    if (curves.every(hasNoLatency)) return [];
    return [
      {
        ...{ protocol: first.protocol, operations: first.operations },
        title: `${first.protocol}, ${settingsText(othersOf(first))}`,
        curves,
      },
    ];
  });
}

/** A server without any latency has no line; the table says why. */
export function hasNoLatency({ steps }: Pick<RateLine, "steps">): boolean {
  return steps.every(({ latencyNs }) => latencyNs === null);
}

/** One row for each server and rate. */
export function rateTable({ operations, curves }: RateCurves): Table {
  const unit = timeUnit(
    curves.flatMap(({ steps }) =>
      steps.flatMap(({ latencyNs }) => [latencyNs?.p50 ?? null, latencyNs?.p99 ?? null]),
    ),
  );
  const latency = (title: string) => ({ title, unit: unit.name, align: "right" as const });
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      { title: "offered", unit: `${operations}/s`, align: "right" },
      ...[latency("p50"), latency("p99"), latency("p99.9"), latency("max")],
      { title: "verdict", unit: null, align: "left" },
    ],
    rows: curves.flatMap(({ label, steps }) =>
      steps.map(({ ratePerSecond, latencyNs, row }) => [
        plain(label),
        plain(significant(ratePerSecond)),
        ...(["p50", "p99", "p99_9", "max"] as const).map((name) =>
          plain(inUnit(latencyNs?.[name] ?? null, unit)),
        ),
        plain(row.status),
      ]),
    ),
  };
}

function pointOf(row: Row, ratePerSecond: number): MeasuredRate {
  return { row, ratePerSecond, latencyNs: row.numbers?.latencyNs ?? null, outcome: null };
}

function parametersOf({ rows }: Group): Parameters {
  return rows[0]?.cell.parameters ?? {};
}

function rateOf(group: Group): number | null {
  const rate = parametersOf(group)["ratePerSecond"];
  return typeof rate === "number" ? rate : null;
}

function othersOf(group: Group): Parameters {
  const { ratePerSecond: _rate, ...others } = parametersOf(group);
  return others;
}
