/**
 * A percentile of the latency against the offered rate, one line for each server: where a line turns up, the server has
 * its knee. Under an objective, which is a level line, a server's capacity ends where its line crosses that; the line is then
 * the generation with the middle capacity, and the faint dots are the other generations.
 */
import { type ScaleLogarithmic, scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { objectiveText, percentileName, type Condition } from "../../results/objective.ts";
import type { Percentiles, SearchStep } from "../../results/run.ts";
import { OUTCOMES } from "../capacity/capacity-tables.ts";
import { type Markup, markup } from "../markup.ts";
import { compact, duration, significant } from "../../units.ts";
import { endLabels, LABEL_ROW_PX, legend } from "./end-labels.ts";
import { percent, svg } from "./frame.ts";
import { AXIS_PX, axisDrawing, durationTicks, gridLines, paddedDomain, TOP_PX } from "./log-axis.ts";
import { type Looks, lookOf } from "./series.ts";

const PLOT_PX = 320;
const RATE_TICKS = 5;
/** Room at both sides, in percent, so that no dot is cut. */
const [LEFT, RIGHT] = [1, 97];

/** One load at one offered rate. */
export interface RatePoint {
  ratePerSecond: number;
  latencyNs: Percentiles | null;
  /** Whether the objective held; null where there was none. */
  outcome: SearchStep["outcome"] | null;
}

export interface RateLine {
  label: string;
  /** By rate. */
  steps: readonly RatePoint[];
  /** Other loads of the same server, beside the line. */
  others: readonly RatePoint[];
}

/** What is drawn of the latency; without a limit there is no objective. */
export type Drawn = Pick<Condition, "percentile"> & { limitNs: number | null };

interface Point {
  step: RatePoint;
  latencyNs: number;
}

interface Across {
  (rate: number): number;
  ticks: readonly number[];
}
type Up = ScaleLogarithmic<number, number>;

export function rateChart(
  id: string,
  condition: Drawn,
  curves: readonly RateLine[],
  name: string,
  looks: Looks,
): Markup {
  const drawn = curves.map(({ label, steps, others }) => ({
    label,
    line: pointsOf(steps, condition),
    others: pointsOf(others, condition),
  }));
  const points = drawn.flatMap((one) => [...one.line, ...one.others]);
  const heightPx = Math.max(PLOT_PX, curves.length * LABEL_ROW_PX + 2 * TOP_PX);
  const rates = points.map(({ step }) => step.ratePerSecond);
  const { limitNs } = condition;
  const latencies = [...(limitNs === null ? [] : [limitNs]), ...points.map(({ latencyNs }) => latencyNs)];
  const across = limitNs === null ? rampScale(rates) : searchScale(rates);
  const up = scaleLog(paddedDomain(Math.min(...latencies), Math.max(...latencies)), [heightPx, TOP_PX]);
  const ticks = durationTicks(up);
  const percentile = percentileName(condition.percentile);
  const frame = {
    id,
    title: `${percentile} latency by offered rate, ${name}`,
    description:
      "One line for each server: across the offered rate, up the latency on a log scale. " +
      (limitNs === null
        ? "The axis of rates is a log scale, too. "
        : `The level dashed line is the objective, ${objectiveText([{ ...condition, limitNs }])}; a server's capacity ends ` +
          "where its line crosses it. Full dots met the whole objective, hollow ones did not. ") +
      "The tables beside the chart hold the numbers.",
    heightPx: heightPx + AXIS_PX,
    className: "capacity",
  };
  const content = [
    ...gridLines(ticks, up),
    ...rateAxis(across, heightPx),
    ...(limitNs === null ? [] : [objectiveLine({ ...condition, limitNs }, up)]),
    drawLines(drawn, across, up, heightPx, looks),
    ...drawn.map((one) => drawDots(one, across, up, looks)),
  ];
  const ends = drawn.map((one) => ({
    label: one.label,
    yPx: up(one.line.at(-1)?.latencyNs ?? Math.max(...latencies)),
  }));
  return markup`<div class="spectrum">${axisDrawing(ticks, up, heightPx)}${svg(frame, content)}${endLabels(ends, heightPx, looks)}</div>
${legend(
  drawn.map(({ label }) => ({ label, note: null })),
  looks,
)}`;
}

/** A log axis has no place for what was not observed, so such a step has no point; the table says so. */
function pointsOf(steps: readonly RatePoint[], { percentile }: Drawn): Point[] {
  return steps.flatMap((step) =>
    step.latencyNs === null ? [] : [{ step, latencyNs: Math.max(1, step.latencyNs[percentile]) }],
  );
}

/** A search closes in on one rate from both sides, so its rates lie close together at the high end. */
function searchScale(rates: readonly number[]): Across {
  const scale = scaleLinear([0, Math.max(1, ...rates)], [LEFT, RIGHT]);
  return Object.assign((rate: number) => scale(rate), { ticks: scale.ticks(RATE_TICKS) });
}

/** The steps of a ramp are evenly spaced on a log scale. */
function rampScale(rates: readonly number[]): Across {
  const [lowest, highest] = [Math.min(...rates), Math.max(...rates)];
  const scale = scaleLog([lowest, Math.max(highest, lowest * 1.01)], [LEFT, RIGHT]);
  const round = scale.ticks().filter((rate) => /^[125]0*$/.test(String(rate)));
  // Between 20,000 and 50,000 there is no such number.
  const ticks = round.length > 1 ? round : [lowest, highest];
  return Object.assign((rate: number) => scale(rate), { ticks });
}

function rateAxis(across: Across, heightPx: number): Markup[] {
  return across.ticks.map((rate) => {
    const x = percent(across(rate));
    const anchor = across(rate) > 90 ? "end" : across(rate) < 10 ? "start" : "middle";
    const text = rate === 0 ? "0" : `${compact(rate)}/s`;
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="${TOP_PX}" y2="${heightPx}"/><text class="tick" x="${x}" y="${heightPx + 17}" text-anchor="${anchor}">${text}</text>`;
  });
}

function objectiveLine(condition: Condition, up: Up): Markup {
  const y = up(condition.limitNs);
  const text = objectiveText([condition]);
  return markup`<line class="objective" x1="0" x2="100%" y1="${y}" y2="${y}"/><text class="tick" x="0" dx="4" y="${y - 5}">${text}</text>`;
}

/** Paths know no percentages, so they live in a drawing that is stretched to the width; its strokes are not. */
function drawLines(
  drawn: readonly { label: string; line: readonly Point[] }[],
  across: Across,
  up: Up,
  heightPx: number,
  looks: Looks,
): Markup {
  const draw = line<Point>(
    ({ step }) => across(step.ratePerSecond),
    ({ latencyNs }) => up(latencyNs),
  ).digits(2);
  const paths = drawn.map(({ label, line: points }) => {
    const { colour, dash } = lookOf(looks, label);
    return markup`<path class="curve ${colour}" stroke-dasharray="${dash}" d="${draw(points) ?? ""}"><title>${label}</title></path>`;
  });
  return markup`<svg width="100%" height="${heightPx}" viewBox="0 0 100 ${heightPx}" preserveAspectRatio="none">${paths}</svg>`;
}

function drawDots(
  { label, line: points, others }: { label: string; line: readonly Point[]; others: readonly Point[] },
  across: Across,
  up: Up,
  looks: Looks,
): Markup {
  const dot = ({ step, latencyNs }: Point, radius: number): Markup => {
    const { outcome, ratePerSecond } = step;
    const verdict = outcome === null ? "" : `, ${OUTCOMES[outcome]}`;
    const words = `${label} at ${significant(ratePerSecond)}/s: ${duration(latencyNs)}${verdict}`;
    return markup`<circle class="${outcome === null || outcome === "met" ? "dot" : "dot hollow-dot"}" cx="${percent(across(step.ratePerSecond))}" cy="${up(latencyNs)}" r="${radius}"><title>${words}</title></circle>`;
  };
  return markup`<g class="points ${lookOf(looks, label).colour}"><g class="faint">${others.map((point) => dot(point, 2))}</g>${points.map((point) => dot(point, 3.5))}</g>`;
}
