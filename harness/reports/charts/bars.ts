/**
 * Horizontal bars from zero, each with its name and value on a line of their own above it, so that they fit any width.
 * Serves the throughput chart (with whiskers), the CPU chart (with parts and a bar below) and the shard chart.
 */
import { scaleLinear } from "d3-scale";
import { type Markup, markup } from "../markup.ts";
import { type Frame, percent, shortLabel, svg } from "./frame.ts";

export interface BarPart {
  length: number;
  /** Class of the rectangle. */
  className: string;
  tooltip: string;
}

export interface Bar {
  label: string;
  /** Written at the right end of the label's line. */
  value: string;
  /** Laid end to end from zero. */
  parts: BarPart[];
  /** A thinner bar under this one, from zero as well. */
  below: BarPart | null;
  /** A 95 % interval, drawn as a whisker. */
  whisker: { low: number; high: number } | null;
  /** Marks a value that is only a lower bound, by an arrow at the end. */
  isLowerBound: boolean;
}

export interface BarGroup {
  /** Null where the chart has only one group. */
  title: string | null;
  bars: Bar[];
}

const TITLE_PX = 30;
const BAR_ROW_PX = 38;
const LABEL_PX = 14;
const BAR_TOP_PX = 20;
const BAR_PX = 10;
const BELOW_PX = 4;
/** The longest bar ends short of the edge, which leaves room for the arrow of a bound. */
const LONGEST_PERCENT = 97;

export function barChart(frame: Omit<Frame, "heightPx">, groups: readonly BarGroup[]): Markup {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(extent)));
  const across = scaleLinear([0, longest > 0 ? longest : 1], [0, LONGEST_PERCENT]);
  const content: Markup[] = [];
  let top = 0;
  for (const { title, bars } of groups) {
    if (title !== null) {
      content.push(markup`<text class="group" x="0" y="${top + 18}">${title}</text>`);
      top += TITLE_PX;
    }
    for (const bar of bars) {
      content.push(drawBar(bar, top, across));
      top += BAR_ROW_PX;
    }
  }
  return svg({ ...frame, heightPx: top }, content);
}

function extent({ parts, whisker, below }: Bar): number {
  return Math.max(
    whisker?.high ?? 0,
    below?.length ?? 0,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
}

function drawBar(bar: Bar, top: number, across: (value: number) => number): Markup {
  const barTop = top + BAR_TOP_PX;
  let end = 0;
  const rectangles = bar.parts.map((part) => {
    const start = end;
    end += part.length;
    return rectangle(part, across(start), across(end), barTop, BAR_PX);
  });
  const { below, whisker } = bar;
  return markup`<g class="bar"><text class="label" x="0" y="${top + LABEL_PX}">${shortLabel(bar.label)}<title>${bar.label}</title></text>
<text class="value" x="100%" y="${top + LABEL_PX}" text-anchor="end">${bar.value}</text>
${rectangles}${below === null ? null : rectangle(below, 0, across(below.length), barTop + BAR_PX + 1, BELOW_PX)}
${whisker === null ? null : drawWhisker(whisker, top, across)}${bar.isLowerBound ? drawArrow(end, top, across) : null}</g>
`;
}

function rectangle(part: BarPart, left: number, right: number, top: number, heightPx: number): Markup {
  return markup`<rect class="${part.className}" x="${percent(left)}" y="${top}" width="${percent(right - left)}" height="${heightPx}"><title>${part.tooltip}</title></rect>`;
}

function drawWhisker(
  { low, high }: { low: number; high: number },
  top: number,
  across: (value: number) => number,
): Markup {
  const [left, right] = [percent(across(low)), percent(across(high))];
  const middle = top + BAR_TOP_PX + BAR_PX / 2;
  const lines = markup`<line x1="${left}" x2="${right}" y1="${middle}" y2="${middle}"/><line x1="${left}" x2="${left}" y1="${middle - 4}" y2="${middle + 4}"/><line x1="${right}" x2="${right}" y1="${middle - 4}" y2="${middle + 4}"/>`;
  // The same lines, wider and in the page's colour, lie below, so that a dark bar does not swallow the whisker.
  return markup`<g class="halo">${lines}</g><g class="whisker">${lines}</g>`;
}

/** An arrow cannot be a path in percentages, so it is a small drawing of its own, placed at the bar's end. */
function drawArrow(end: number, top: number, across: (value: number) => number): Markup {
  return markup`<svg class="arrow" x="${percent(across(end))}" y="${top + BAR_TOP_PX}" width="10" height="${BAR_PX}" overflow="visible"><path d="M2 1 L7 5 L2 9"/></svg>`;
}
