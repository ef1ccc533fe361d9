import { expect, test } from "vitest";
import { rank } from "../../../harness/statistics/ranks.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

/** Ranks of items from the best on, of which only these pairs cannot be told apart. */
function ranksWith(count: number, ...equal: [number, number][]): string[] {
  const isEqual = (a: number, b: number): boolean =>
    equal.some(([one, other]) => (one === a && other === b) || (one === b && other === a));
  return rank(count, (better, worse) => !isEqual(better, worse)).map(
    ({ rank: place, tied }) => `${place}${tied ? "=" : ""}`,
  );
}

test("items that are all told apart have ranks of their own", () => {
  expect(ranksWith(3)).toEqual(["1", "2", "3"]);
});

test("two that cannot be told apart share a rank, and the next rank counts them both", () => {
  expect(ranksWith(3, [0, 1])).toEqual(["1=", "1=", "3"]);
});

test("a tie is handed on through an item that is equal to both", () => {
  expect(ranksWith(3, [0, 1], [1, 2])).toEqual(["1=", "1=", "1="]);
});

test("the best and the worst that cannot be told apart tie everything between them", () => {
  expect(ranksWith(4, [0, 2])).toEqual(["1=", "1=", "1=", "4"]);
});

test("no two items that could be equal ever get different ranks", () => {
  const random = createRandom(4);
  for (let trial = 0; trial < 300; trial++) {
    const equal = Array.from({ length: 3 }, (): [number, number] => [random.below(8), random.below(8)]);
    const ranks = ranksWith(8, ...equal);
    for (const [one, other] of equal) expect(ranks[one]).toBe(ranks[other]);
  }
});

test("of nothing are none", () => {
  expect(rank(0, () => true)).toEqual([]);
});
