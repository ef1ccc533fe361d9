/**
 * What two servers of a group have in common: the generations in which both were measured, slice by slice in turn. Each
 * ratio is taken within one generation, so the machine's own speed slowed both sides of it and cancels out.
 */
import type { Cell, Sample } from "../results/run.ts";
import { countingSamples } from "../results/counting-samples.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import type { Interval } from "../statistics/student.ts";

/** What is compared, with how a report calls it. */
export const QUANTITIES = {
  throughput: "throughput",
  "server CPU": "server CPU per operation",
  "p99 latency": "p99 latency",
} as const;
export type Quantity = keyof typeof QUANTITIES;

/**
 * Whether a cell's number of this kind is the server's own: not while it was still becoming faster, and where the generator was
 * the limit only the CPU time is.
 */
export function mayBeCompared({ status, summary }: Cell, quantity: Quantity): boolean {
  if (status !== "ok" || summary === null) return false;
  const { verdict } = summary.validity;
  return verdict === "valid" || (verdict === "client-limited" && quantity === "server CPU");
}

/** Two generations leave an interval that says next to nothing, so two servers are told apart by no fewer than these. */
export const GENERATIONS_TO_RANK = 3;

export interface Comparison {
  /** How many times more the head has than the base. */
  ratio: Interval;
  generations: number;
}

/** Head over base; null when no generation has both. */
export function compare(base: Cell, head: Cell, quantity: Quantity): Comparison | null {
  const bases = valuesOf(base, quantity);
  const heads = valuesOf(head, quantity);
  const both = [...heads.keys()].filter((generation) => bases.has(generation));
  if (both.length === 0) return null;
  const pick = (values: ReadonlyMap<number, number>): number[] =>
    both.map((generation) => values.get(generation) as number);
  return { ratio: pairedRatio(pick(bases), pick(heads)), generations: both.length };
}

/** By generation; what was not observed, or is no number to divide by, is left out. */
export function valuesOf(cell: Cell, quantity: Quantity): Map<number, number> {
  return new Map(
    countingSamples(cell.samples).flatMap((sample) => {
      const value = valueOf(sample, quantity);
      return value === null || value <= 0 ? [] : [[sample.generation, value] as const];
    }),
  );
}

function valueOf({ load, serverCpuNsPerOp }: Sample, quantity: Quantity): number | null {
  if (load === null) return null;
  if (quantity === "server CPU") return serverCpuNsPerOp;
  if (quantity === "p99 latency") return load.latency?.latencyNs.p99 ?? null;
  return load.search?.capacityPerSecond ?? load.operations / load.windowSeconds;
}
