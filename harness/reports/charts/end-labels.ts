/** The names of lines beside their right ends, and the legend that takes their place where there is no room. */
import { type Markup, markup } from "../markup.ts";
import { shortLabel } from "./frame.ts";
import { AXIS_PX, TOP_PX } from "./log-axis.ts";
import { type Look, type Looks, lookOf } from "./series.ts";

export const LABEL_ROW_PX = 17;

export interface LineEnd {
  label: string;
  /** Where the line ends, down from the top of the plot. */
  yPx: number;
}

/** The names at the lines' ends, moved apart where they would overlap, in the order of the ends. */
export function endLabels(lineEnds: readonly LineEnd[], heightPx: number, looks: Looks): Markup {
  const ends = lineEnds.toSorted((left, right) => left.yPx - right.yPx);
  const places = spread(
    ends.map(({ yPx }) => yPx),
    TOP_PX,
    heightPx,
  );
  const texts = ends.map(({ label, yPx }, index) => {
    const place = places[index] ?? yPx;
    const { colour, dash } = lookOf(looks, label);
    return markup`<path class="leader" d="M0 ${yPx} L14 ${place}"/><line class="curve ${colour}" stroke-dasharray="${dash}" x1="16" x2="36" y1="${place}" y2="${place}"/><text class="label" x="42" y="${place + 4}">${shortLabel(label)}<title>${label}</title></text>`;
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

/** One entry for each line: a piece of it, its label, and what else is to be said of it. */
export function legend(entries: readonly { label: string; note: string | null }[], looks: Looks): Markup {
  return markup`<ul class="legend">${entries.map(
    ({ label, note }) =>
      markup`<li>${sample(lookOf(looks, label))}${label}${note === null ? null : markup` <span class="quiet">${note}</span>`}</li>`,
  )}</ul>`;
}

/** A short piece of the line. */
function sample({ colour, dash }: Look): Markup {
  return markup`<svg class="sample" aria-hidden="true" width="26" height="10"><line class="curve ${colour}" stroke-dasharray="${dash}" x1="0" x2="26" y1="5" y2="5"/></svg>`;
}
