/**
 * The base slowed down by a known amount: a library that is preloaded adds the same work to each read. How much work makes
 * an operation cost so much more is found out by trying, because how often a server reads for each operation is its own
 * affair, and because a slower server finds more to do whenever it wakes, which makes up for some of the work.
 */
import type { GateRecord } from "../results/gate.ts";
import { mean } from "../statistics/student.ts";
import { unitKey, unitsOf, type GateSides, type Unit } from "./arms.ts";
import { measureBlock, type BlockTools } from "./block.ts";
import { difference, logMargins } from "./endpoints.ts";
import { NO_SLOWDOWN } from "./preload.ts";

/** Some microseconds at each read, which no server hides. */
const FIRST_LOOPS = 10_000;
/** Blocks of the first try, which finds the order of magnitude, and of the second, which is made near the goal. */
const USUAL_TRIES = [1, 3] as const;
/** A server whose cost grows by less than this share of itself does not go through the library, but for noise. */
const LEAST_SHARE = 0.03;
/** The second try corrects the first by no more than this factor, either way. */
const MOST_CORRECTION = 3;

/** Puts into the record what makes each base cost as much more as must be caught, or why nothing does. */
export async function findSlowdowns(
  sides: GateSides,
  record: Pick<GateRecord, "slowdowns" | "slowReasons" | "margins">,
  tools: BlockTools,
  tries: readonly number[] = USUAL_TRIES,
): Promise<void> {
  for (const { server, protocol } of unitsOf(sides, () => null)) {
    const key = unitKey({ server, protocol });
    if (record.slowdowns[key] !== undefined) continue;
    const loops = await findLoops({ sides, key, margins: record.margins, tries }, tools);
    if (loops !== null) record.slowdowns[key] = { ...NO_SLOWDOWN, loops };
    else
      record.slowReasons.push(
        `${key} has no positive control: work at each read did not make it slower, so it does not read through the C library.`,
      );
  }
}

interface Goal {
  sides: GateSides;
  key: string;
  margins: GateRecord["margins"];
  tries: readonly number[];
}

/** The rounds of the loop that cost as much as must be caught; null when the loop does not reach the server. */
async function findLoops({ sides, key, margins, tries }: Goal, tools: BlockTools): Promise<number | null> {
  const goal = logMargins(margins, "server-cpu").mustCatch;
  let loops = FIRST_LOOPS;
  for (const [index, blocks] of tries.entries()) {
    const [unit] = unitsOf({ ...sides, head: sides.base }, () => ({ ...NO_SLOWDOWN, loops })).filter(
      (one) => unitKey(one) === key,
    );
    if (unit === undefined) return null;
    for (const arm of ["head", "base again"] as const) unit.arms.delete(arm);
    tools.onPhase(`finding out what ${Math.round(loops)} rounds of a loop at each read cost`);
    const costs = await costsIn(unit, blocks, tools);
    if (costs.length === 0) return index === 0 ? null : loops;
    const cost = mean(costs);
    if (index === 0 && cost < Math.log1p(LEAST_SHARE)) return null;
    const correction = Math.expm1(goal) / Math.max(Math.expm1(cost), Number.MIN_VALUE);
    loops *= index === 0 ? correction : Math.min(MOST_CORRECTION, Math.max(1 / MOST_CORRECTION, correction));
  }
  return Math.max(1, Math.round(loops));
}

/** log(slowed / base) of the workload that is slowed least, in each block that says; a block that the machine spoiled is taken again, twice at most. */
async function costsIn(unit: Unit, wanted: number, tools: BlockTools): Promise<number[]> {
  const costs: number[] = [];
  for (let block = 0; costs.length < wanted && block < wanted + 2; block++) {
    const { samples } = await measureBlock(unit, block, tools);
    const slowed = samples?.get("base slowed") ?? [];
    const own = (samples?.get("base") ?? []).map((base, cell) => {
      const other = slowed[cell];
      return other === undefined ? null : difference("server-cpu", base, other);
    });
    // One process serves all workloads, and the positive control is to be caught in each.
    if (own.length > 0 && own.every((cost) => cost !== null)) costs.push(Math.min(...own));
  }
  return costs;
}
