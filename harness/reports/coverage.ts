/**
 * What a run of identical servers says of the method itself: how far the paired ratio strays from generation to
 * generation, and how often its 95 % interval holds 1, which is the truth. Runs of few generations are drawn from the many
 * that were measured, so the interval is tried on real noise and not on a model of it.
 */
import type { Cell, Run } from "../results/run.ts";
import { nameOfCopy } from "../results/server-name.ts";
import { countingSamples } from "../results/counting-samples.ts";
import { createRandom } from "../statistics/random.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import { mean, standardDeviation } from "../statistics/student.ts";
import { settingsText, workloadText } from "./labels.ts";

export interface Coverage {
  /** The server, and the workload in words. */
  what: string;
  generations: number;
  /** Standard deviation of the logarithm of the ratio between generations: 0.02 is 2 %. */
  spread: number;
  /** The geometric mean of all ratios, which would be 1 without any error. */
  ratio: number;
  /** How often the interval of so many generations holds 1, as a share. */
  held: { generations: number; share: number }[];
}

const DRAWS = 4000;
const SIZES = [3, 4, 5, 8, 10];

/** One entry for each pair of equal servers under one workload; empty when the run has none. */
export function coverageOf({ cells, plan }: Run): Coverage[] {
  const pairs = Map.groupBy(cells, (cell) =>
    JSON.stringify([nameOfCopy(cell.framework), cell.variant, cell.protocol, cell.scenario, cell.parameters]),
  );
  return [...pairs.values()].flatMap(([base, head]) =>
    base === undefined || head === undefined ? [] : [coverageOfPair(base, head, plan.seed)],
  );
}

function coverageOfPair(base: Cell, head: Cell, seed: number): Coverage {
  const [bases, heads] = [costs(base), costs(head)];
  const pairs = [...bases].flatMap(([generation, cost]) => {
    const other = heads.get(generation);
    return other === undefined ? [] : [{ base: cost, head: other }];
  });
  const logs = pairs.map((pair) => Math.log(pair.head / pair.base));
  const random = createRandom(seed);
  const held = SIZES.filter((size) => size * 2 <= pairs.length).map((size) => {
    let holding = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const drawn = random.shuffle(pairs).slice(0, size);
      const { low, high } = pairedRatio(
        drawn.map((pair) => pair.base),
        drawn.map((pair) => pair.head),
      );
      if (low <= 1 && 1 <= high) holding += 1;
    }
    return { generations: size, share: holding / DRAWS };
  });
  return {
    what: `${nameOfCopy(base.framework)}, ${workloadText(base)}, ${settingsText(base.parameters)}`,
    generations: pairs.length,
    spread: standardDeviation(logs) ?? 0,
    ratio: logs.length === 0 ? 1 : Math.exp(mean(logs)),
    held,
  };
}

function costs(cell: Cell): Map<number, number> {
  return new Map(
    countingSamples(cell.samples).flatMap(({ generation, serverCpuNsPerOp }) =>
      serverCpuNsPerOp === null ? [] : [[generation, serverCpuNsPerOp] as const],
    ),
  );
}
