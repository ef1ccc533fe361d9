/**
 * Ranks that do not claim more than the pairs show.
 *
 * The rule: items share a rank unless every one of the better is surely better than every one of the worse. So no two
 * items that could be equal ever get different ranks. A tie must be handed on like this, or it would contradict itself:
 * with A surely before C and B equal to both, "A ties B, B ties C, A beats C" is no order. The price is that one item
 * that nobody can tell from two others ties those two; more generations tell more items apart.
 */

export interface Rank {
  /** 1 for the best; the next rank after two tied firsts is 3. */
  rank: number;
  tied: boolean;
}

/**
 * The rank of each of `count` items, which are numbered from the best to the worst. `isApart` says whether the first of
 * two is surely better than the second.
 */
export function rank(count: number, isApart: (better: number, worse: number) => boolean): Rank[] {
  const ranks: Rank[] = [];
  for (let first = 0; first < count;) {
    let next = first + 1;
    while (next < count && !isBoundary(first, next, count, isApart)) next++;
    for (let item = first; item < next; item++) ranks.push({ rank: first + 1, tied: next - first > 1 });
    first = next;
  }
  return ranks;
}

/** Whether all from `first` up to `next` are surely better than all from there on. */
function isBoundary(
  first: number,
  next: number,
  count: number,
  isApart: (better: number, worse: number) => boolean,
): boolean {
  for (let better = first; better < next; better++)
    for (let worse = next; worse < count; worse++) if (!isApart(better, worse)) return false;
  return true;
}
