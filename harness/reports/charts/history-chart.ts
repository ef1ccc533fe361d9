/** One number over runs, in their order, with intervals, and lines where the conditions of the measurement changed. */
import { scaleLinear } from "d3-scale";
import { type Markup, markup } from "../markup.ts";
import { percent, svg } from "./frame.ts";

export interface HistoryMark {
  value: number;
  low: number;
  high: number;
  /** The value in words; the first and the last are drawn beside their dots. */
  label: string;
  /** What a reader is told of it. */
  words: string;
  /** Whether the conditions differ from those of the mark before. */
  isChanged: boolean;
  /** Whether the level of the numbers moves here. */
  isNewLevel: boolean;
}

const PLOT_PX = 120;
/** Percent of the width at both ends, which the values of the first and the last run need. */
const MARGIN = 12;

export function historyChart(
  id: string,
  title: string,
  marks: readonly HistoryMark[],
  colour: string,
): Markup {
  const highest = Math.max(...marks.map(({ high }) => high));
  const up = scaleLinear([0, highest * 1.05], [PLOT_PX, 6]);
  const across = (index: number): number =>
    marks.length === 1 ? 50 : MARGIN + ((100 - 2 * MARGIN) * index) / (marks.length - 1);
  const content = marks.map(({ value, low, high, label, words, isChanged, isNewLevel }, index) => {
    const x = percent(across(index));
    const middle = percent(across(index) - (index === 0 ? 0 : (across(index) - across(index - 1)) / 2));
    const isEnd = index === 0 || index === marks.length - 1;
    const beside = index === 0 ? { dx: -10, anchor: "end" } : { dx: 10, anchor: "start" };
    const text = markup`<text class="tick" x="${x}" dx="${beside.dx}" y="${up(value) + 4}" text-anchor="${beside.anchor}">${label}</text>`;
    return markup`${isEnd ? text : null}${isChanged ? markup`<line class="changed" x1="${middle}" x2="${middle}" y1="0" y2="${PLOT_PX}"/>` : null}<g class="points ${colour}" tabindex="0" role="img" aria-label="${words}"><line class="interval" x1="${x}" x2="${x}" y1="${up(low)}" y2="${up(high)}"/><circle class="${isNewLevel ? "dot hollow-dot" : "dot"}" cx="${x}" cy="${up(value)}" r="${isNewLevel ? 6 : 4}"><title>${words}</title></circle></g>`;
  });
  const description =
    "One dot for each run, oldest at the left, on a scale from zero, with the 95 % interval as an upright line. A dashed upright " +
    "line: the machine or the plan differed from then on. A hollow dot: the level moved there. The table below holds the numbers.";
  const frame = {
    id,
    title,
    description,
    heightPx: PLOT_PX + 4,
    className: "history",
    role: "group" as const,
  };
  return svg(frame, [
    markup`<line class="grid" x1="0" x2="100%" y1="${PLOT_PX}" y2="${PLOT_PX}"/>`,
    ...content,
  ]);
}
