/**
 * The base slowed down by a known amount: a library that is preloaded adds the same work to each read. How much work makes
 * an operation cost so much more is found out by trying, because how often a server reads for each operation is its own
 * affair, and because a slower server finds more to do whenever it wakes, which makes up for some of the work.
 */
import { Failure } from "../failure.ts";
import type { GateRecord } from "../results/gate.ts";
import { mean } from "../statistics/student.ts";
import { unitKey, unitsOf, type GateSides } from "./arms.ts";
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

/** The machine left nothing of the blocks that were to find a slowdown, so it is not known whether there is one. */
export class SlowdownUnknown extends Failure {
  constructor(spoiled: readonly string[]) {
    super(
      4,
      `This environment cannot tell: the ${spoiled.length} blocks that were to find the positive control were rejected, ` +
        `the last because: ${spoiled.at(-1)}`,
    );
  }
}

/** log(slowed / base) in each block that says; and why the others do not, in words. */
export interface Tried {
  costs: number[];
  spoiled: string[];
}

/**
 * Puts into the record what makes each base cost as much more as must be caught, or why nothing does. Throws SlowdownUnknown
 * when the machine did not let it be found out.
 */
export async function findSlowdowns(
  sides: GateSides,
  record: Pick<GateRecord, "slowdowns" | "slowReasons" | "margins">,
  tools: BlockTools,
  tries: readonly number[] = USUAL_TRIES,
): Promise<void> {
  const goal = logMargins(record.margins, "server-cpu").mustCatch;
  for (const { server, protocol } of unitsOf(sides, () => null)) {
    const key = unitKey({ server, protocol });
    if (record.slowdowns[key] !== undefined) continue;
    const found = await findLoops(goal, tries, (loops, blocks) => tryLoops(sides, key, loops, blocks, tools));
    if ("loops" in found) record.slowdowns[key] = { ...NO_SLOWDOWN, loops: found.loops };
    else record.slowReasons.push(`${key} has no positive control: ${found.reason}`);
  }
}

/**
 * The rounds of the loop that cost `goal`, as a difference of logarithms; or why there are none. `attempt` measures so many rounds
 * in so many blocks. Throws SlowdownUnknown.
 */
export async function findLoops(
  goal: number,
  tries: readonly number[],
  attempt: (loops: number, blocks: number) => Promise<Tried>,
): Promise<{ loops: number } | { reason: string }> {
  let loops = FIRST_LOOPS;
  for (const [index, blocks] of tries.entries()) {
    const { costs, spoiled } = await attempt(loops, blocks);
    if (costs.length === 0) {
      if (spoiled.length > 0) throw new SlowdownUnknown(spoiled);
      return { reason: "its CPU time cannot be read." };
    }
    const cost = mean(costs);
    if (index === 0 && cost < Math.log1p(LEAST_SHARE))
      return {
        reason: "work at each read did not make it slower, so it does not read through the C library.",
      };
    const correction = Math.expm1(goal) / Math.max(Math.expm1(cost), Number.MIN_VALUE);
    loops *= index === 0 ? correction : Math.min(MOST_CORRECTION, Math.max(1 / MOST_CORRECTION, correction));
  }
  return { loops: Math.max(1, Math.round(loops)) };
}

/** Of the workload that is slowed least in each block; a block that the machine spoiled is taken again, twice at most. */
async function tryLoops(
  sides: GateSides,
  key: string,
  loops: number,
  wanted: number,
  tools: BlockTools,
): Promise<Tried> {
  const tried: Tried = { costs: [], spoiled: [] };
  const [unit] = unitsOf({ ...sides, head: sides.base }, () => ({ ...NO_SLOWDOWN, loops })).filter(
    (one) => unitKey(one) === key,
  );
  if (unit === undefined) throw new RangeError(`There is no ${key} among the sides.`);
  for (const arm of ["head", "base again"] as const) unit.arms.delete(arm);
  tools.onPhase(`finding out what ${Math.round(loops)} rounds of a loop at each read cost`);
  for (let block = 0; tried.costs.length < wanted && block < wanted + 2; block++) {
    const { samples, rejected } = await measureBlock(unit, block, tools);
    if (samples === null) {
      tried.spoiled.push(rejected);
      continue;
    }
    const slowed = samples.get("base slowed") ?? [];
    const own = (samples.get("base") ?? []).map((base, cell) => {
      const other = slowed[cell];
      return other === undefined ? null : difference("server-cpu", base, other);
    });
    // One process serves all workloads, and the positive control is to be caught in each.
    if (own.length > 0 && own.every((cost) => cost !== null)) tried.costs.push(Math.min(...own));
  }
  return tried;
}
