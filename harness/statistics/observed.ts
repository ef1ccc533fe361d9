/** Arithmetic on what may not have been observed: a number that nobody observed makes the result null, never 0. */

/** Null when one is null, and of no values. */
export function sumObserved(values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null;
  return (values as number[]).reduce((total, value) => total + value, 0);
}

export function differenceObserved(later: number | null, earlier: number | null): number | null {
  return later === null || earlier === null ? null : later - earlier;
}
