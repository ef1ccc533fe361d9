/** Finds places for two-line labels inside a plot, where neither a line nor another label runs through them. */

export interface Label {
  /** The point it names: percent of the width, pixels down. */
  x: number;
  y: number;
  characters: number;
}

interface Position {
  x: number;
  y: number;
}

export interface Place {
  /** The middle of the label, pixels down. */
  y: number;
  /** Whether it stands to the right of its point. */
  isRight: boolean;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** In percent of the narrowest plot that shows these labels, so that they keep apart in wider ones too. */
const CHARACTER_WIDTH = 1.55;
const GAP = 3;
const HALF_HEIGHT_PX = 17;
const STEP_PX = 6;
/** How far a label moves rather than touch one line, or another label. */
const LINE_COST_PX = 60;
const LABEL_COST_PX = 10_000;

/**
 * One place for each label, at its point's side that has more room: as near to the point as can be without touching a
 * line or a label placed before. A line is touched rather than moved away from too far, for labels have a rim.
 */
export function placeLabels(
  labels: readonly Label[],
  lines: readonly Position[][],
  { top, bottom }: { top: number; bottom: number },
): Place[] {
  const taken: Box[] = [];
  const places = labels.map((label) => {
    const isRight = label.x <= 50;
    const heights = candidates(top + HALF_HEIGHT_PX, bottom - HALF_HEIGHT_PX, label.y);
    const scored = heights.map((y) => {
      const box = boxOf(label, y, isRight);
      const cost =
        taken.filter((other) => overlap(box, other)).length * LABEL_COST_PX +
        lines.filter((points) => crosses(points, box)).length * LINE_COST_PX +
        Math.abs(y - label.y);
      return { y, box, cost };
    });
    const best = scored.reduce((least, next) => (next.cost < least.cost ? next : least));
    taken.push(best.box);
    return { y: best.y, isRight };
  });
  return labels.map(({ x, y }, index) => {
    // Above one another in the order of their points, so that no leader runs across another label.
    const column = [...labels.keys()].filter((other) => labels[other]?.x === x);
    const rank = column.filter((other) => other !== index && isAbove(labels[other], y, other < index)).length;
    const heights = column.map((other) => places[other]?.y ?? 0).toSorted((one, other) => one - other);
    return { y: heights[rank] ?? y, isRight: places[index]?.isRight ?? true };
  });
}

function isAbove(other: Label | undefined, y: number, isEarlier: boolean): boolean {
  return other !== undefined && (other.y < y || (other.y === y && isEarlier));
}

/** Every height within the limits, the nearest first; the preferred one itself when the limits leave no other. */
function candidates(from: number, to: number, preferred: number): number[] {
  const start = Math.min(Math.max(preferred, from), Math.max(from, to));
  const steps = Math.ceil((to - from) / STEP_PX);
  const heights = Array.from({ length: Math.max(0, steps) }, (_, step) => (step + 1) * STEP_PX).flatMap(
    (away) => [start - away, start + away],
  );
  return [start, ...heights.filter((height) => height >= from && height <= to)];
}

function boxOf({ x, characters }: Label, y: number, isRight: boolean): Box {
  const far = GAP + characters * CHARACTER_WIDTH;
  return {
    left: isRight ? x + GAP / 2 : x - far,
    right: isRight ? x + far : x - GAP / 2,
    top: y - HALF_HEIGHT_PX,
    bottom: y + HALF_HEIGHT_PX,
  };
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function crosses(points: readonly Position[], box: Box): boolean {
  return points.some((end, index) => {
    const start = points[index - 1];
    return start !== undefined && segmentCrosses(start, end, box);
  });
}

/** Whether the part of a segment that lies between the box's sides also lies between its top and bottom. */
function segmentCrosses(start: Position, end: Position, box: Box): boolean {
  const [from, to] = [Math.max(start.x, box.left), Math.min(end.x, box.right)];
  if (from > to) return false;
  const at = (x: number): number =>
    end.x === start.x ? start.y : start.y + ((x - start.x) / (end.x - start.x)) * (end.y - start.y);
  const [one, other] = [at(from), at(to)];
  return Math.max(one, other) > box.top && Math.min(one, other) < box.bottom;
}
