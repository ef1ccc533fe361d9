/**
 * The whole latency distribution of each server: percentiles across, on an axis where every further nine (90, 99,
 * 99.9 %) takes the same room, because the tail is what users meet; latency up, on a log axis.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { decodeHistogram } from "../../load/histogram.ts";
import type { Group } from "../groups.ts";
import { type Markup, markup } from "../markup.ts";
import { duration, timeUnit } from "../units.ts";
import { percent, shortLabel, svg } from "./frame.ts";
import { type Look, type Looks, lookOf } from "./series.ts";

export interface Curve {
  label: string;
  /** From the fastest operation to the slowest, latency never falling. */
  points: Point[];
}

interface Point {
  /** -log10(1 - percentile / 100): 0 for the fastest, 1 for 90 %, 2 for 99 %. */
  nines: number;
  latencyNs: number;
}

const POINTS_PER_NINE = 16;
const PLOT_PX = 300;
const AXIS_PX = 24;
const TOP_PX = 10;
const LABEL_ROW_PX = 17;
const MOST_TICKS = 9;

/** The curves of the servers whose latency may be shown, as far as their number of operations reaches. */
export function curvesOf(group: Group): Curve[] {
  return group.rows.flatMap(({ label, numbers }) =>
    numbers?.histogram ? [{ label, points: pointsOf(numbers.histogram) }] : [],
  );
}

function pointsOf(base64: string): Point[] {
  const histogram = decodeHistogram(base64);
  // Beyond one in all operations there is nothing but the slowest one.
  const last = Math.log10(histogram.totalCount);
  const steps = Math.max(1, Math.ceil(last * POINTS_PER_NINE));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const nines = (last * step) / steps;
    return { nines, latencyNs: Math.max(1, histogram.getValueAtPercentile(100 * (1 - 10 ** -nines))) };
  });
}

/** Null when no server of the group has a latency that may be shown. */
export function spectrumChart(
  id: string,
  curves: readonly Curve[],
  name: string,
  looks: Looks,
): Markup | null {
  if (curves.length === 0) return null;
  const heightPx = Math.max(PLOT_PX, curves.length * LABEL_ROW_PX + 2 * TOP_PX);
  const points = curves.flatMap((curve) => curve.points);
  const lastNine = Math.max(1, ...points.map(({ nines }) => nines));
  const latencies = points.map(({ latencyNs }) => latencyNs);
  const across = scaleLinear([0, lastNine], [0, 100]);
  const up = scaleLog(paddedDomain(Math.min(...latencies), Math.max(...latencies)), [heightPx, TOP_PX]);
  const ticks = latencyTicks(up);
  const title = `Latency by percentile, ${name}`;
  const description =
    "One line for each server, lower is better. Across: percentiles, each further nine as wide as the one before. " +
    "Up: latency on a log scale. The percentile table below the chart holds the numbers.";
  const content = [
    ...ticks.map((tick) => markup`<line class="grid" x1="0" x2="100%" y1="${up(tick)}" y2="${up(tick)}"/>`),
    ...percentileAxis(lastNine, across, heightPx),
    drawCurves(curves, across, up, heightPx, looks),
  ];
  return markup`<div class="spectrum"><svg class="chart axis" aria-hidden="true" width="100%" height="${heightPx + AXIS_PX}">${ticks.map(
    (tick) =>
      markup`<text class="tick" x="100%" dx="-8" y="${up(tick) + 4}" text-anchor="end">${tickText(tick)}</text>`,
  )}</svg>${svg({ id, title, description, heightPx: heightPx + AXIS_PX, className: "latency" }, content)}${endLabels(curves, up, heightPx, looks)}</div>
<ul class="legend">${curves.map(({ label }) => markup`<li>${sample(lookOf(looks, label))}${label}</li>`)}</ul>`;
}

/** A little room at both ends, so that no line runs along the edge. */
function paddedDomain(smallest: number, largest: number): [number, number] {
  return [smallest / 1.15, Math.max(largest, smallest * 2) * 1.15];
}

/** 1, 2 and 5 of each decade while they are few enough to read, else 1 and 3, else the decades alone. */
function latencyTicks(up: ReturnType<typeof scaleLog<number, number>>): number[] {
  const [from = 1, to = 1] = up.domain();
  const decades = Array.from({ length: 14 }, (_, exponent) => 10 ** exponent);
  const choices = [[1, 2, 5], [1, 3], [1]].map((steps) =>
    decades
      .flatMap((decade) => steps.map((step) => step * decade))
      .filter((tick) => tick >= from && tick <= to),
  );
  return choices.find((ticks) => ticks.length <= MOST_TICKS) ?? choices.at(-1) ?? [];
}

function tickText(tickNs: number): string {
  if (tickNs < 1000) return `${tickNs} ns`;
  const unit = timeUnit([tickNs]);
  return `${tickNs / unit.size} ${unit.name}`;
}

function percentileAxis(lastNine: number, across: (nines: number) => number, heightPx: number): Markup[] {
  const wholeNines = Array.from({ length: Math.floor(lastNine) }, (_, index) => index + 1);
  const ticks = [
    { nines: Math.log10(2), text: "50 %" },
    ...wholeNines.map((nines) => ({ nines, text: ninesText(nines) })),
  ];
  return ticks.map(({ nines, text }, index) => {
    const x = percent(across(nines));
    const anchor = across(nines) > 90 ? "end" : "middle";
    // Where many nines share the width, every second one keeps its line and loses its label.
    const isLabelled = wholeNines.length <= 4 || index === 0 || (wholeNines.length - index) % 2 === 0;
    const label = markup`<text class="tick" x="${x}" y="${heightPx + 17}" text-anchor="${anchor}">${text}</text>`;
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="${TOP_PX}" y2="${heightPx}"/>${isLabelled ? label : null}`;
  });
}

function ninesText(nines: number): string {
  return nines <= 2 ? `${100 - 10 ** (2 - nines)} %` : `99.${"9".repeat(nines - 2)} %`;
}

/** Paths know no percentages, so they live in a drawing that is stretched to the width; its strokes are not. */
function drawCurves(
  curves: readonly Curve[],
  across: (nines: number) => number,
  up: (latencyNs: number) => number,
  heightPx: number,
  looks: Looks,
): Markup {
  const draw = line<Point>(
    ({ nines }) => across(nines),
    ({ latencyNs }) => up(latencyNs),
  ).digits(2);
  const paths = curves.map(({ label, points }) => {
    const { colour, dash } = lookOf(looks, label);
    return markup`<path class="curve ${colour}" stroke-dasharray="${dash}" d="${draw(points) ?? ""}"><title>${label}: ${curveText(points)}</title></path>`;
  });
  return markup`<svg width="100%" height="${heightPx}" viewBox="0 0 100 ${heightPx}" preserveAspectRatio="none">${paths}</svg>`;
}

function curveText(points: readonly Point[]): string {
  const slowest = points.at(-1);
  return slowest === undefined ? "" : `slowest ${duration(slowest.latencyNs)}`;
}

/** The names at the lines' ends, moved apart where they would overlap, in the order of the ends. */
function endLabels(
  curves: readonly Curve[],
  up: (latencyNs: number) => number,
  heightPx: number,
  looks: Looks,
): Markup {
  const ends = curves
    .map(({ label, points }) => ({ label, y: up(points.at(-1)?.latencyNs ?? 1) }))
    .toSorted((left, right) => left.y - right.y);
  const places = spread(
    ends.map(({ y }) => y),
    TOP_PX,
    heightPx,
  );
  const texts = ends.map(({ label, y }, index) => {
    const place = places[index] ?? y;
    const { colour, dash } = lookOf(looks, label);
    return markup`<path class="leader" d="M0 ${y} L14 ${place}"/><line class="curve ${colour}" stroke-dasharray="${dash}" x1="16" x2="40" y1="${place}" y2="${place}"/><text class="label" x="46" y="${place + 4}">${shortLabel(label)}<title>${label}</title></text>`;
  });
  return markup`<svg class="chart end-labels" aria-hidden="true" width="100%" height="${heightPx + AXIS_PX}">${texts}</svg>`;
}

/** Moves ascending positions apart by a row each, within the plot: first downwards, then back up from the bottom. */
function spread(positions: readonly number[], top: number, bottom: number): number[] {
  const down: number[] = [];
  for (const position of positions)
    down.push(Math.max(position, top, (down.at(-1) ?? -Infinity) + LABEL_ROW_PX));
  const up: number[] = [];
  for (const position of down.toReversed())
    up.push(Math.min(position, bottom, (up.at(-1) ?? Infinity) - LABEL_ROW_PX));
  return up.toReversed();
}

/** A short piece of the line, for a legend. */
export function sample({ colour, dash }: Look): Markup {
  return markup`<svg class="sample" aria-hidden="true" width="26" height="10"><line class="curve ${colour}" stroke-dasharray="${dash}" x1="0" x2="26" y1="5" y2="5"/></svg>`;
}
