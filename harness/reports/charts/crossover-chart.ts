/** How a ratio of two servers changes with the number of idle connections, and where it crosses what is claimed of it. */
import { scaleLinear, scaleLog } from "d3-scale";
import type { Interval } from "../../statistics/student.ts";
import { compact, whole, withInterval } from "../../units.ts";
import { type Markup, markup } from "../markup.ts";
import { percent, svg } from "./frame.ts";

export interface CrossoverChart {
  id: string;
  title: string;
  points: readonly { idle: number; ratio: Interval }[];
  /** The ratio that is claimed. */
  most: number;
  crossover: Interval | null;
}

const PLOT_PX = 160;
const AXIS_PX = 20;

/** Null where fewer than two numbers of idle connections can stand on a log axis. */
export function crossoverChart({ id, title, points, most, crossover }: CrossoverChart): Markup | null {
  const shown = points.filter(({ idle }) => idle > 0).toSorted((a, b) => a.idle - b.idle);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  const across = scaleLog([first.idle, last.idle], [6, 94]);
  const highest = Math.max(most, ...shown.map(({ ratio }) => ratio.high));
  const up = scaleLinear([0, highest * 1.1], [PLOT_PX, 8]);
  const level = percent(0);
  const marks = shown.map(({ idle, ratio: { value, low, high } }) => {
    const [x, words] = [percent(across(idle)), `${whole(idle)} idle: ${withInterval(value, low, high)}`];
    return markup`<line class="whisker-line" x1="${x}" x2="${x}" y1="${up(low)}" y2="${up(high)}"/><circle class="plain-dot" cx="${x}" cy="${up(value)}" r="4"><title>${words}</title></circle><text class="tick" x="${x}" y="${PLOT_PX + 15}" text-anchor="middle">${compact(idle)}</text>`;
  });
  const [from, to] =
    crossover === null
      ? [0, 0]
      : [crossover.low, crossover.high].toSorted((a, b) => a - b).map((idle) => across(idle));
  const crossing =
    crossover === null
      ? null
      : markup`<rect class="crossing" x="${percent(from ?? 0)}" y="8" width="${percent((to ?? 0) - (from ?? 0))}" height="${PLOT_PX - 8}"/><line class="changed" x1="${percent(across(crossover.value))}" x2="${percent(across(crossover.value))}" y1="8" y2="${PLOT_PX}"/>`;
  const description =
    "Across: idle connections, log scale. Up: the ratio, from zero, with its 95 % interval as an upright line. The level line is what is claimed" +
    `${crossover === null ? "" : "; the dashed upright line is where the ratio crosses it, within the shaded interval"}. The table holds the numbers.`;
  return svg({ id, title, description, heightPx: PLOT_PX + AXIS_PX, className: "crossover" }, [
    ...(crossing === null ? [] : [crossing]),
    markup`<line class="grid" x1="${level}" x2="100%" y1="${PLOT_PX}" y2="${PLOT_PX}"/>`,
    markup`<line class="objective" x1="${level}" x2="100%" y1="${up(most)}" y2="${up(most)}"/>`,
    ...marks,
  ]);
}
