/** An axis of durations on a log scale, upwards: its domain, its ticks, and the drawing beside the plot. */
import type { ScaleLogarithmic } from "d3-scale";
import { type Markup, markup } from "../markup.ts";
import { timeUnit } from "../../units.ts";

/** Room below the plot for the ticks of the axis across. */
export const AXIS_PX = 24;
/** Room above the plot, so that a label at its top is not cut. */
export const TOP_PX = 10;
const MOST_TICKS = 9;
const LEAST_TICKS = 3;

type LogScale = ScaleLogarithmic<number, number>;

/** A little room at both ends, so that no line runs along the edge. */
export function paddedDomain(smallest: number, largest: number): [number, number] {
  return [smallest / 1.15, Math.max(largest, smallest * 2) * 1.15];
}

/**
 * 1, 2 and 5 of each decade while they are few enough to read, else 1 and 3, else the decades alone; and more of a decade where
 * the axis has only a part of one.
 */
export function durationTicks(up: LogScale): number[] {
  const [from = 1, to = 1] = up.domain();
  const decades = Array.from({ length: 14 }, (_, exponent) => 10 ** exponent);
  const ticksOf = (steps: readonly number[]): number[] =>
    decades
      .flatMap((decade) => steps.map((step) => step * decade))
      .filter((tick) => tick >= from && tick <= to);
  const choices = [[1, 2, 5], [1, 3], [1]].map(ticksOf);
  const ticks = choices.find(({ length }) => length <= MOST_TICKS) ?? choices.at(-1) ?? [];
  return ticks.length < LEAST_TICKS ? ticksOf([1, 1.5, 2, 3, 4, 5, 7]) : ticks;
}

/** The words of the ticks, in a drawing of its own to the left of the plot. */
export function axisDrawing(ticks: readonly number[], up: LogScale, heightPx: number): Markup {
  return markup`<svg class="chart axis" aria-hidden="true" width="100%" height="${heightPx + AXIS_PX}">${ticks.map(
    (tick) =>
      markup`<text class="tick" x="100%" dx="-8" y="${up(tick) + 4}" text-anchor="end">${tickText(tick)}</text>`,
  )}</svg>`;
}

/** The lines of the ticks across the plot. */
export function gridLines(ticks: readonly number[], up: LogScale): Markup[] {
  return ticks.map((tick) => markup`<line class="grid" x1="0" x2="100%" y1="${up(tick)}" y2="${up(tick)}"/>`);
}

function tickText(tickNs: number): string {
  if (tickNs < 1000) return `${tickNs} ns`;
  const unit = timeUnit([tickNs]);
  return `${tickNs / unit.size} ${unit.name}`;
}
