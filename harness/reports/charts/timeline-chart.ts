/**
 * How each server's throughput ran through every generation: one line of small multiples for each server, its
 * generations side by side, each from zero and each with its slices of load one behind the other. A stall is a hole, a
 * warm-up that is not over a ramp.
 */
import type { LoadResult, Sample } from "../../results/run.ts";
import type { Group } from "../groups.ts";
import { type Markup, markup } from "../markup.ts";
import { compact } from "../../units.ts";
import { shortLabel, svg } from "./frame.ts";
import { type Looks, lookOf } from "./series.ts";

const LABEL_PX = 14;
const PLOT_TOP_PX = 19;
const PLOT_PX = 34;
const ROW_PX = 62;
/** More points than this of one window would be narrower than a pixel. */
const MOST_POINTS = 50;
/** Between two windows, as a share of a window's width. */
const GAP_SHARE = 0.06;
/** Paths know no percentages, so every row is drawn this high, with steps 1 wide, and stretched to its place. */
const DRAWN_HIGH = 100;

type Window = Sample & { load: LoadResult };

interface Line {
  label: string;
  windows: { sample: Window; perSecond: number[]; stepSeconds: number }[];
}

/** Null when no sample of the group has a series to show. */
export function timelineChart(id: string, group: Group, name: string, looks: Looks): Markup | null {
  const lines = group.rows.map(({ label, cell }) => lineOf(label, cell.samples)).filter(hasWindows);
  if (lines.length === 0) return null;
  const title = `Throughput through every generation, ${name}`;
  const description =
    "One line for each server, its generations from left to right. Up: operations per second, " +
    "from zero to the server's own largest. The table of checks above says which were not in a steady state.";
  const content = lines.map((line, index) => drawLine(line, index * ROW_PX, looks));
  return svg({ id, title, description, heightPx: lines.length * ROW_PX, className: "timeline" }, content);
}

function hasWindows({ windows }: Line): boolean {
  return windows.length > 0;
}

function lineOf(label: string, samples: readonly Sample[]): Line {
  const ordered = samples.toSorted((a, b) => a.generation - b.generation);
  const windows = ordered.flatMap((sample) => {
    // Small pieces are called in batches and have no series.
    if (sample.load === null || sample.load.operations === 0 || sample.load.series.length === 0) return [];
    return [{ sample: { ...sample, load: sample.load }, ...throughputSeries(sample.load) }];
  });
  return { label, windows };
}

/** Operations per second in each step, steps taken together where they would be too narrow to see. */
function throughputSeries({ series, seriesStepSeconds, windowSeconds }: LoadResult): {
  perSecond: number[];
  stepSeconds: number;
} {
  const together = Math.max(1, Math.ceil(series.length / MOST_POINTS));
  const stepSeconds = together * seriesStepSeconds;
  const ends = Array.from({ length: Math.ceil(series.length / together) }, (_, index) =>
    Math.min(series.length, (index + 1) * together),
  );
  const perSecond = ends.map((end, index) => {
    const from = ends[index - 1] ?? 0;
    const seconds = Math.min(windowSeconds, end * seriesStepSeconds) - from * seriesStepSeconds;
    const count = (series[end - 1] ?? 0) - (series[from - 1] ?? 0);
    return seconds > 0 ? count / seconds : 0;
  });
  return { perSecond, stepSeconds };
}

function drawLine({ label, windows }: Line, top: number, looks: Looks): Markup {
  const highest = Math.max(...windows.flatMap(({ perSecond }) => perSecond));
  const windowWidth = Math.max(...windows.map(({ perSecond }) => perSecond.length));
  const gap = Math.ceil(windowWidth * GAP_SHARE);
  const width = windows.length * (windowWidth + gap) - gap;
  const drawn = windows.map(({ sample, perSecond, stepSeconds }, index) => {
    const isCounted = sample.status === "ok";
    const words = `generation ${sample.generation + 1}: ${isCounted ? "counts" : `${sample.status}, ${sample.reason ?? "no reason was recorded"}`}`;
    const left = index * (windowWidth + gap);
    return markup`<g class="window"><rect class="plot" x="${left}" y="0" width="${windowWidth}" height="${DRAWN_HIGH}"/><path class="${isCounted ? "rate" : "rate bad"}" d="${area(perSecond, left, highest)}"/><title>${label}, ${words}; a step is ${Math.round(stepSeconds * 1000)} ms</title></g>`;
  });
  return markup`<g class="row ${lookOf(looks, label).colour}"><text class="label" x="0" y="${top + LABEL_PX}">${shortLabel(label)}<title>${label}</title></text>
<text class="value" x="100%" y="${top + LABEL_PX}" text-anchor="end">up to ${compact(highest)}/s</text>
<svg y="${top + PLOT_TOP_PX}" width="100%" height="${PLOT_PX}" viewBox="0 0 ${width} ${DRAWN_HIGH}" preserveAspectRatio="none">${drawn}</svg></g>
`;
}

/** A filled step for each point, from the bottom up; in whole numbers, because a report holds thousands of them. */
function area(perSecond: readonly number[], left: number, highest: number): string {
  const steps = perSecond.map((value) => `V${Math.round(DRAWN_HIGH * (1 - value / highest))}h1`);
  return `M${left},${DRAWN_HIGH}${steps.join("")}V${DRAWN_HIGH}Z`;
}
