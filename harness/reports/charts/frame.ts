/**
 * What the charts share. A chart is as wide as its place and must stay readable there, so it has no view box that
 * would scale its text: positions across are percentages, positions down are pixels.
 */
import { type Markup, markup } from "../markup.ts";

/** A number over a path, a label under a bar and the like are cut at this length; the full name is in a tooltip. */
const LONGEST_LABEL = 30;

export function shortLabel(label: string): string {
  const letters = [...label];
  return letters.length <= LONGEST_LABEL ? label : `${letters.slice(0, LONGEST_LABEL - 1).join("")}…`;
}

export interface Frame {
  /** Unique in the document. */
  id: string;
  title: string;
  /** What the chart shows, for screen readers. */
  description: string;
  heightPx: number;
  className: string;
  /** `group` for one whose parts can be reached one by one; an image is a single thing to a screen reader. */
  role?: "img" | "group";
}

/** An SVG with its title and description. */
export function svg(frame: Frame, content: readonly Markup[]): Markup {
  const { id, title, description, heightPx, className, role = "img" } = frame;
  return markup`<svg class="chart ${className}" role="${role}" aria-labelledby="${id}-title ${id}-desc" width="100%" height="${heightPx}">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${content}
</svg>`;
}

/** A position across, from 0 to 100. */
export function percent(position: number): string {
  return `${Math.round(position * 1000) / 1000}%`;
}
