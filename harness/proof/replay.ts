/**
 * Whole gates replayed from recorded blocks: each begins at a block of its own choice and takes the blocks that follow, as
 * the machine gave them, so that its slow spells stay in one piece. A replay decides with the very code of the gate. It
 * says what other stopping points and luck would have made of these blocks, and is no new evidence about the machine.
 */
import { judge } from "../gate/judge.ts";
import { PAIRS, type EndpointId, type GateCell, type Pair, type Verdict } from "../results/gate.ts";
import type { Trial } from "../results/proof.ts";
import { lookCounts } from "../statistics/sequential.ts";
import { createRandom } from "../statistics/random.ts";

/** Differences of one block by who is compared with the base and by endpoint. */
type Block = Record<Pair, Partial<Record<EndpointId, number>>>;

export interface Replays {
  blocks: number;
  gates: number;
  verdicts: Record<Verdict, number>;
  /** Blocks that a gate took, on average. */
  meanBlocks: number;
}

/** Which recorded server plays the head. */
export type HeadOf = (trial: Trial) => Pair | null;

/** Null when there are fewer blocks than one gate may take. */
export function replay(trials: readonly Trial[], headOf: HeadOf, gates: number, seed = 1): Replays | null {
  const [first] = trials;
  const blocks = trials.flatMap((trial) => {
    const head = headOf(trial);
    return head === null ? [] : blocksOf(trial, head);
  });
  if (first === undefined || blocks.length < first.mostBlocks) return null;
  const random = createRandom(seed);
  const verdicts: Replays["verdicts"] = { pass: 0, fail: 0, inconclusive: 0, environment: 0 };
  let taken = 0;
  for (let gate = 0; gate < gates; gate++) {
    const start = Math.floor(random.next() * blocks.length);
    const ending = replayOne(first, (index) => blocks[(start + index) % blocks.length] as Block);
    verdicts[ending.verdict] += 1;
    taken += ending.blocks;
  }
  return { blocks: blocks.length, gates, verdicts, meanBlocks: taken / gates };
}

function replayOne(
  { margins, mostBlocks, slowdowns, cells }: Trial,
  blockAt: (index: number) => Block,
): { verdict: Verdict; blocks: number } {
  const cell: GateCell = structuredClone(cells[0] as GateCell);
  for (const pair of PAIRS) for (const endpoint of cell.pairs[pair]) endpoint.differences = [];
  const record = { margins, slowdowns, cells: [cell], blocks: 0 };
  for (const [look, wanted] of lookCounts(mostBlocks).entries()) {
    for (; record.blocks < wanted; record.blocks++) {
      const block = blockAt(record.blocks);
      for (const pair of PAIRS)
        for (const { id, differences } of cell.pairs[pair]) {
          const value = block[pair][id];
          if (value !== undefined) differences.push(value);
        }
    }
    const ending = judge(record, look);
    if (ending !== null) return { verdict: ending.verdict, blocks: record.blocks };
  }
  return { verdict: "inconclusive", blocks: record.blocks };
}

/** The blocks of a trial of one cell, with `head` in the place of the head. Endpoints without a value in every block lack. */
function blocksOf({ cells, blocks }: Trial, head: Pair): Block[] {
  const [cell] = cells;
  if (cell === undefined) return [];
  return Array.from({ length: blocks }, (_, index) => {
    const valuesOf = (pair: Pair): Block[Pair] =>
      Object.fromEntries(
        cell.pairs[pair].flatMap(({ id, differences }) =>
          differences.length === blocks ? [[id, differences[index]]] : [],
        ),
      );
    return {
      head: valuesOf(head),
      "base again": valuesOf("base again"),
      "base slowed": valuesOf("base slowed"),
    };
  });
}
