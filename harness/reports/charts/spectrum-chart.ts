/**
 * The whole latency distribution of each server: percentiles across, on an axis where every further nine (90, 99,
 * 99.9 %) takes the same room, because the tail is what users meet; latency up, on a log axis.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { decodeHistogram } from "../../results/histogram.ts";
import type { Group } from "../groups.ts";
import { type Markup, markup } from "../markup.ts";
import { duration } from "../../units.ts";
import { endLabels, LABEL_ROW_PX, legend } from "./end-labels.ts";
import { percent, svg } from "./frame.ts";
import { AXIS_PX, axisDrawing, durationTicks, gridLines, paddedDomain, TOP_PX } from "./log-axis.ts";
import { type Looks, lookOf } from "./series.ts";

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
/** A curve ends where fewer operations than this were slower. */
const FEWEST_BEYOND = 10;
const PLOT_PX = 300;

/** The curves of the servers whose latency may be shown, as far as enough operations were slower. */
export function curvesOf(group: Group): Curve[] {
  return group.rows.flatMap(({ label, numbers }) =>
    numbers?.histogram ? [{ label, points: pointsOf(numbers.histogram) }] : [],
  );
}

function pointsOf(base64: string): Point[] {
  const histogram = decodeHistogram(base64);
  // Beyond ten of all operations a percentile is the luck of a few.
  const last = Math.max(0, Math.log10(histogram.totalCount / FEWEST_BEYOND));
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
  const ticks = durationTicks(up);
  const title = `Latency by percentile, ${name}`;
  const description =
    "One line for each server, lower is better. Across: percentiles, each further nine as wide as the one before. " +
    "Up: latency on a log scale. The percentile table below the chart holds the numbers.";
  const content = [
    ...gridLines(ticks, up),
    ...percentileAxis(lastNine, across, heightPx),
    drawCurves(curves, across, up, heightPx, looks),
  ];
  const ends = curves.map(({ label, points }) => ({ label, yPx: up(points.at(-1)?.latencyNs ?? 1) }));
  return markup`<div class="spectrum">${axisDrawing(ticks, up, heightPx)}${svg({ id, title, description, heightPx: heightPx + AXIS_PX, className: "latency" }, content)}${endLabels(ends, heightPx, looks)}</div>
${legend(
  curves.map(({ label }) => ({ label, note: null })),
  looks,
)}`;
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
  const end = points.at(-1);
  return end === undefined ? "" : `${duration(end.latencyNs)} at its end, where ${FEWEST_BEYOND} were slower`;
}
