/** The median: the one number that stands for several rounds, because one bad round cannot move it far. */

/** The middle value, or the mean of the two middle ones. Throws a RangeError when there is none or one is not finite. */
export function median(values: readonly number[]): number {
  const sorted = sortedNumbers(values);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** A sorted copy. Throws a RangeError when it would be empty or a value is not finite. */
function sortedNumbers(values: readonly number[]): number[] {
  if (values.length === 0)
    throw new RangeError("There is no median of no values; measure at least one round.");
  for (const value of values) {
    if (!Number.isFinite(value))
      throw new RangeError(`A median needs finite numbers, and ${value} is among them.`);
  }
  return values.toSorted((left, right) => left - right);
}
