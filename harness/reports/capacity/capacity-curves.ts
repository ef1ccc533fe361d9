/** What searches for the capacity saw of each server: its rates and latencies, and which generation stands for them. */
import { parseObjective, type Objective } from "../../results/objective.ts";
import type { CapacitySearch, Estimate, SearchStep } from "../../results/run.ts";
import { countingSamples } from "../../results/counting-samples.ts";
import type { Group } from "../groups.ts";

type Found = CapacitySearch & { capacityPerSecond: number };

export interface CapacityCurve {
  label: string;
  capacity: Estimate;
  isLowerBound: boolean;
  /** The search whose capacity is the middle one of all generations. */
  middle: Found;
  /** Its steps by rate; of a rate that was tried twice, the try that decided. */
  steps: SearchStep[];
  /** The steps of every other generation. */
  others: SearchStep[];
}

export interface CapacityCurves {
  objective: Objective;
  curves: CapacityCurve[];
}

/** Null for a group that is no search, or in which no server has a capacity. */
export function capacityCurves({ objective, rows }: Group): CapacityCurves | null {
  if (objective === null) return null;
  const curves = rows.flatMap(({ label, cell, numbers }): CapacityCurve[] => {
    const searches = countingSamples(cell.samples)
      .flatMap(({ load }) => load.search ?? [])
      .filter(isFound);
    const middle = middleOf(searches);
    if (numbers === null || middle === null) return [];
    const { throughput: capacity, isLowerBound } = numbers;
    const others = searches.filter((one) => one !== middle).flatMap(({ steps }) => steps);
    return [{ label, capacity, isLowerBound, middle, steps: decisiveSteps(middle.steps), others }];
  });
  return curves.length === 0 ? null : { objective: parseObjective(objective), curves };
}

function isFound(search: CapacitySearch): search is Found {
  return search.capacityPerSecond !== null;
}

/** Of an even number of generations the lower of the two in the middle. */
function middleOf(searches: readonly Found[]): Found | null {
  const sorted = searches.toSorted((a, b) => a.capacityPerSecond - b.capacityPerSecond);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Of two tries of a rate the one that met the objective decides, or else the one that is valid for the server. */
function decisiveSteps(steps: readonly SearchStep[]): SearchStep[] {
  const byWeight = steps.toSorted((a, b) => WEIGHTS.indexOf(a.outcome) - WEIGHTS.indexOf(b.outcome));
  const byRate = new Map(byWeight.map((step) => [step.ratePerSecond, step]));
  return [...byRate.values()].toSorted((a, b) => a.ratePerSecond - b.ratePerSecond);
}

const WEIGHTS: readonly SearchStep["outcome"][] = ["generator", "missed", "met"];
