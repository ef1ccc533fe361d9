/**
 * The knee: the latency of the objective's percentile against the offered rate, one line for each server, with the
 * objective as a level line. Where a server's line crosses it, its capacity ends. The line is the generation with the middle
 * capacity; the faint dots are the other generations.
 */
import { type ScaleLinear, type ScaleLogarithmic, scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { objectiveText, percentileName, type Condition } from "../../results/objective.ts";
import type { SearchStep } from "../../results/run.ts";
import type { CapacityCurve } from "../capacity/capacity-curves.ts";
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

interface Point {
  step: SearchStep;
  latencyNs: number;
}

type Across = ScaleLinear<number, number>;
type Up = ScaleLogarithmic<number, number>;

export function capacityChart(
  id: string,
  condition: Condition,
  curves: readonly CapacityCurve[],
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
  const latencies = [condition.limitNs, ...points.map(({ latencyNs }) => latencyNs)];
  const across = scaleLinear([0, Math.max(1, ...rates)], [LEFT, RIGHT]);
  const up = scaleLog(paddedDomain(Math.min(...latencies), Math.max(...latencies)), [heightPx, TOP_PX]);
  const ticks = durationTicks(up);
  const percentile = percentileName(condition.percentile);
  const frame = {
    id,
    title: `${percentile} latency by offered rate, ${name}`,
    description:
      "One line for each server: across the offered rate, up the latency on a log scale. The level dashed line is the " +
      `objective, ${objectiveText([condition])}; a server's capacity ends where its line crosses it. Full dots met the ` +
      "whole objective, hollow ones did not. The tables beside the chart hold the numbers.",
    heightPx: heightPx + AXIS_PX,
    className: "capacity",
  };
  const content = [
    ...gridLines(ticks, up),
    ...rateAxis(across, heightPx),
    objectiveLine(condition, up),
    drawLines(drawn, across, up, heightPx, looks),
    ...drawn.map((one) => drawDots(one, across, up, looks)),
  ];
  const ends = drawn.map((one) => ({
    label: one.label,
    yPx: up(one.line.at(-1)?.latencyNs ?? condition.limitNs),
  }));
  return markup`<div class="spectrum">${axisDrawing(ticks, up, heightPx)}${svg(frame, content)}${endLabels(ends, heightPx, looks)}</div>
${legend(
  drawn.map(({ label }) => ({ label, note: null })),
  looks,
)}`;
}

/** A log axis has no place for what was not observed, so such a step has no point; the table says so. */
function pointsOf(steps: readonly SearchStep[], { percentile }: Condition): Point[] {
  return steps.flatMap((step) =>
    step.latencyNs === null ? [] : [{ step, latencyNs: Math.max(1, step.latencyNs[percentile]) }],
  );
}

function rateAxis(across: Across, heightPx: number): Markup[] {
  return across.ticks(RATE_TICKS).map((rate) => {
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
    const words = `${label} at ${significant(step.ratePerSecond)}/s: ${duration(latencyNs)}, ${OUTCOMES[step.outcome]}`;
    return markup`<circle class="${step.outcome === "met" ? "dot" : "dot hollow-dot"}" cx="${percent(across(step.ratePerSecond))}" cy="${up(latencyNs)}" r="${radius}"><title>${words}</title></circle>`;
  };
  return markup`<g class="points ${lookOf(looks, label).colour}"><g class="faint">${others.map((point) => dot(point, 2))}</g>${points.map((point) => dot(point, 3.5))}</g>`;
}
