/**
 * The cost of an echo against the number of idle connections, both on log axes. A server that pays for each connection
 * it watches has a line of slope 1. A log axis has no 0, so the cost without idle connections stands apart at the left,
 * and a thin line connects it with the others.
 */
import { type ScaleLogarithmic, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { type Markup, markup } from "../markup.ts";
import type { IdleCostLine, IdleCostLines, IdleCostPoint } from "../idle-cost/idle-cost-lines.ts";
import { duration, whole, withInterval } from "../../units.ts";
import { endLabels, LABEL_ROW_PX, legend } from "./end-labels.ts";
import { percent, shortLabel, svg } from "./frame.ts";
import { AXIS_PX, axisDrawing, durationTicks, gridLines, paddedDomain, TOP_PX } from "./log-axis.ts";
import { type Label, type Place, placeLabels } from "./place-labels.ts";
import { type Looks, lookOf } from "./series.ts";

const PLOT_PX = 360;
/** Where the cost without idle connections stands, in percent of the width, and where the log axis begins after it. */
const ZERO_AT = 3;
const LOG_FROM = { besideZero: 20, alone: 3 };
const LOG_TO = 97;
/** Ticks that are closer than this, in percent, would print their numbers over one another on a narrow screen. */
const TICK_ROOM = 15;
const MARK_PX = 5;

type Up = ScaleLogarithmic<number, number>;
type Across = (idle: number) => number;

/** Null when no server has a number. */
export function idleCostChart(id: string, measured: IdleCostLines, looks: Looks): Markup | null {
  const lines = measured.lines.filter(({ points }) => points.length > 0);
  if (lines.length === 0) return null;
  const heightPx = Math.max(PLOT_PX, lines.length * LABEL_ROW_PX + 2 * TOP_PX);
  const costs = lines.flatMap(({ points }) => points.map(({ cpuNs }) => cpuNs));
  const lowest = Math.min(...costs.map(({ low }) => low));
  const up = scaleLog(paddedDomain(lowest, Math.max(...costs.map(({ high }) => high))), [heightPx, TOP_PX]);
  const across = idleScale(measured.idleCounts);
  const ticks = durationTicks(up);
  const last = measured.idleCounts.at(-1);
  const isWhole = ({ points }: IdleCostLine): boolean => points.at(-1)?.idle === last;
  const content = [
    ...gridLines(ticks, up),
    ...idleAxis(measured.idleCounts, across, heightPx),
    drawCurves(lines, across, up, heightPx, looks),
    ...lines.map((one) => drawPoints(one, across, up, looks)),
    ...earlyEnds(lines, isWhole, across, up, heightPx, looks),
  ];
  const ends = lines.filter(isWhole).map(({ label, points }) => ({ label, yPx: up(lastCost(points)) }));
  const frame = {
    id,
    title: `Server CPU per echo by number of idle connections, ${measured.settings}`,
    description:
      "One line for each server, lower is better, a level line is a constant cost. Across: idle connections on a log scale" +
      `${measured.idleCounts[0] === 0 ? ", with 0 apart at the left" : ""}. ` +
      "Up: server CPU time per echo on a log scale, with the 95 % interval as a thin upright line. " +
      "The table of costs below the chart holds the numbers.",
    heightPx: heightPx + AXIS_PX,
    className: "idle-cost",
  };
  return markup`<div class="spectrum">${axisDrawing(ticks, up, heightPx)}${svg(frame, content)}${endLabels(ends, heightPx, looks)}</div>
${legend(
  lines.map((one) => ({ label: one.label, note: isWhole(one) ? null : endNote(one) })),
  looks,
)}`;
}

/** From a number of idle connections to percent of the width. */
function idleScale(idleCounts: readonly number[]): Across {
  const sizes = idleCounts.filter((idle) => idle > 0);
  const [smallest = 1] = sizes;
  const largest = sizes.at(-1) ?? smallest;
  const start = sizes.length < idleCounts.length ? LOG_FROM.besideZero : LOG_FROM.alone;
  if (smallest === largest) return (idle) => (idle === 0 ? ZERO_AT : LOG_TO);
  const log = scaleLog([smallest, largest], [start, LOG_TO]);
  return (idle) => (idle === 0 ? ZERO_AT : log(idle));
}

function idleAxis(idleCounts: readonly number[], across: Across, heightPx: number): Markup[] {
  const named = new Set<number>();
  let left = Infinity;
  // From the right, because the largest number is the one that must keep its label; 0 has room of its own.
  for (const idle of idleCounts.toReversed()) {
    if (idle !== 0 && left - across(idle) < TICK_ROOM) continue;
    named.add(idle);
    left = across(idle);
  }
  const ticks = idleCounts.map((idle) => {
    const x = percent(across(idle));
    const anchor = across(idle) > 90 ? "end" : "middle";
    const text = markup`<text class="tick" x="${x}" dx="${anchor === "end" ? 8 : 0}" y="${heightPx + 17}" text-anchor="${anchor}">${whole(idle)}</text>`;
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="${TOP_PX}" y2="${heightPx}"/>${named.has(idle) ? text : null}`;
  });
  const [smallest = 0, next] = idleCounts;
  if (smallest !== 0 || next === undefined) return ticks;
  // Two strokes across the axis say that it is broken between 0 and the log scale.
  const middle = percent((across(0) + across(next)) / 2);
  const broken = markup`<svg class="break" x="${middle}" y="${heightPx}" width="1" height="1" overflow="visible"><path d="M-5 5 L-1 -5 M1 5 L5 -5"/></svg>`;
  return [...ticks, markup`<line class="grid" x1="0" x2="100%" y1="${heightPx}" y2="${heightPx}"/>`, broken];
}

/** Paths know no percentages, so they live in a drawing that is stretched to the width; its strokes are not. */
function drawCurves(
  lines: readonly IdleCostLine[],
  across: Across,
  up: Up,
  heightPx: number,
  looks: Looks,
): Markup {
  const draw = line<IdleCostPoint>(
    ({ idle }) => across(idle),
    ({ cpuNs }) => up(cpuNs.value),
  ).digits(2);
  const paths = lines.map(({ label, points }) => {
    const { colour, dash } = lookOf(looks, label);
    const tail = points.filter(({ idle }) => idle > 0);
    const firstTwo = points.slice(0, 2);
    const bridge =
      firstTwo[0]?.idle === 0 && firstTwo.length === 2
        ? markup`<path class="curve bridge ${colour}" d="${draw(firstTwo) ?? ""}"/>`
        : null;
    return markup`${bridge}<path class="curve ${colour}" stroke-dasharray="${dash}" d="${draw(tail) ?? ""}"><title>${label}</title></path>`;
  });
  return markup`<svg width="100%" height="${heightPx}" viewBox="0 0 100 ${heightPx}" preserveAspectRatio="none">${paths}</svg>`;
}

/** A dot for each number of idle connections, hollow where the load generator was the limit, on a whisker. */
function drawPoints({ label, points }: IdleCostLine, across: Across, up: Up, looks: Looks): Markup {
  const { colour } = lookOf(looks, label);
  const marks = points.map(({ idle, cpuNs, isClientLimited }) => {
    const x = percent(across(idle));
    const limited = isClientLimited ? ", the load generator was the limit" : "";
    const words = `${label} with ${whole(idle)} idle: ${withInterval(cpuNs.value, cpuNs.low, cpuNs.high, duration)}${limited}`;
    return markup`<line class="interval" x1="${x}" x2="${x}" y1="${up(cpuNs.low)}" y2="${up(cpuNs.high)}"/><circle class="${isClientLimited ? "dot hollow-dot" : "dot"}" cx="${x}" cy="${up(cpuNs.value)}" r="3"><title>${words}</title></circle>`;
  });
  return markup`<g class="points ${colour}">${marks}</g>`;
}

/** Labels beside lines that end before the largest number, with a cross where the server failed. */
function earlyEnds(
  lines: readonly IdleCostLine[],
  isWhole: (line: IdleCostLine) => boolean,
  across: Across,
  up: Up,
  heightPx: number,
  looks: Looks,
): Markup[] {
  const early = lines.filter((one) => !isWhole(one));
  const obstacles = lines.map(({ points }) =>
    points.map(({ idle, cpuNs }) => ({ x: across(idle), y: up(cpuNs.value) })),
  );
  const labels: Label[] = early.map((one) => {
    const last = one.points.at(-1);
    const [name, note] = [shortLabel(one.label), endNote(one)];
    return {
      x: across(last?.idle ?? 0),
      y: up(lastCost(one.points)),
      characters: Math.max(name.length, note.length),
    };
  });
  const places = placeLabels(labels, obstacles, { top: TOP_PX, bottom: heightPx });
  return early.map((one, index) =>
    drawEarlyEnd(one, labels[index] as Label, places[index] as Place, lookOf(looks, one.label).colour),
  );
}

/** A drawing of its own at the line's end, because a path and a text cannot start from a percentage and pixels. */
function drawEarlyEnd(one: IdleCostLine, end: Label, place: Place, colour: string): Markup {
  const [side, anchor] = place.isRight ? [1, "start"] : [-1, "end"];
  const down = place.y - end.y;
  const cross = markup`<path class="failure-mark ${colour}" d="M${-MARK_PX} ${-MARK_PX} L${MARK_PX} ${MARK_PX} M${-MARK_PX} ${MARK_PX} L${MARK_PX} ${-MARK_PX}"/>`;
  const tooltip = `${one.label}: ${one.failure?.reason ?? endNote(one)}`;
  const text = (words: string, yPx: number, className: string): Markup =>
    markup`<text class="${className}" x="${14 * side}" y="${yPx}" text-anchor="${anchor}">${words}<title>${tooltip}</title></text>`;
  const words = [text(shortLabel(one.label), down - 2, "label"), text(endNote(one), down + 12, "tick")];
  return markup`<svg class="early-end" x="${percent(end.x)}" y="${end.y}" width="1" height="1" overflow="visible">${one.failure === null ? null : cross}<g class="early-words"><path class="leader" d="M${7 * side} 0 L${12 * side} ${down}"/>${words}</g></svg>`;
}

function endNote({ failure }: IdleCostLine): string {
  return failure === null ? "no cost beyond" : `failed at ${whole(failure.idle)} idle`;
}

function lastCost(points: readonly IdleCostPoint[]): number {
  return points.at(-1)?.cpuNs.value ?? 1;
}
