/**
 * How numbers are written: three significant digits, thousands separated, one unit for a whole column, and an en dash
 * for what was not observed. More digits than three would claim more than any of these measurements can hold.
 */

/** Stands for a number that was not observed. It is never 0. */
export const NOT_OBSERVED = "–";

const DIGITS = new Intl.NumberFormat("en-US", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A unit and how many of the raw unit (nanoseconds, bytes) make one of it. */
export interface Unit {
  name: string;
  size: number;
}

const MICROSECONDS: Unit = { name: "µs", size: 1e3 };
const MILLISECONDS: Unit = { name: "ms", size: 1e6 };
const SECONDS: Unit = { name: "s", size: 1e9 };
export const MEBIBYTES: Unit = { name: "MiB", size: 1024 ** 2 };

/** Three significant digits with thousands separated: 4.21, 95.3, 1,230, 123,000. */
export function significant(value: number): string {
  return value === 0 ? "0" : DIGITS.format(value);
}

/** A count in full: 1,234,567. */
export function whole(value: number): string {
  return WHOLE.format(value);
}

/** Nanoseconds, bytes and the like in a unit, without its name. */
export function inUnit(value: number | null, unit: Unit): string {
  return value === null ? NOT_OBSERVED : significant(value / unit.size);
}

/** The unit in which every one of these durations, in nanoseconds, is at least 1; microseconds when there is none. */
export function timeUnit(durationsNs: readonly (number | null)[]): Unit {
  const smallest = Math.min(
    ...durationsNs.filter((duration) => duration !== null && duration > 0).map(Number),
  );
  if (!Number.isFinite(smallest) || smallest < MILLISECONDS.size) return MICROSECONDS;
  return smallest < SECONDS.size ? MILLISECONDS : SECONDS;
}

/** A duration in nanoseconds with the unit that suits it: 45.3 µs, 1.23 ms. */
export function duration(durationNs: number): string {
  const unit = timeUnit([durationNs]);
  return `${significant(durationNs / unit.size)} ${unit.name}`;
}

/** A value with its interval: 123,000 [121,000–126,000]. */
export function withInterval(value: number, low: number, high: number, text = significant): string {
  return [text(value), brackets(low, high, text) ?? []].flat().join(" ");
}

/** Null for an interval of no width: that of a single generation, whose spread was not seen. */
export function brackets(low: number, high: number, text = significant): string | null {
  return low === high ? null : `[${text(low)}–${text(high)}]`;
}

/** A value that is only known not to be smaller. */
export function atLeast(value: number): string {
  return `≥ ${significant(value)}`;
}

/** Three significant digits in little room: 950, 12.3k, 1.23M. */
export function compact(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (rounded < 1e3) return significant(rounded);
  const [size, suffix] = rounded < 1e6 ? [1e3, "k"] : [1e6, "M"];
  return `${significant(rounded / size)}${suffix}`;
}

/** A difference of natural logarithms as a change: "+5.2 %". */
export function change(logarithm: number): string {
  const share = Math.expm1(logarithm);
  // A bound of two values may lie anywhere; its digits say no more than that.
  if (share > 100) return "over +10,000 %";
  return `${share >= 0 ? "+" : "−"}${percentage(Math.abs(share))}`;
}

/** A share from 0 to 1 as a percentage: 48.2 %. */
export function percentage(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
