/** What the crowds showed, in plain sentences that are made from the numbers alone. */
import type { Estimate } from "../../results/run.ts";
import { ROUNDS_TO_RANK } from "../groups.ts";
import { percentage, significant, whole } from "../../units.ts";
import { type CrowdLine, type CrowdLines, type CrowdPoint, type Growth } from "./idle-cost-lines.ts";

/** Dearer by less than this is taken for none: caches and the scheduler alone can do as much. */
const DEARER = 1.25;

type Grown = CrowdLine & { growth: Growth };
type Measured = CrowdLine & { last: CrowdPoint };

/** Nothing is said where nothing was measured. */
export function whatIsSeen({ lines }: CrowdLines): string[] {
  const grown = lines.filter((line): line is Grown => line.growth !== null);
  const measured = lines.flatMap((line): Measured[] => {
    const last = line.points.at(-1);
    return last === undefined ? [] : [{ ...line, last }];
  });
  return [
    ...growthSentences(grown),
    ...lines.filter(({ points }) => points.length === 1).map(alone),
    ...lines.flatMap(wallSentence),
    ...waitSentences(measured),
    ...gatheringSentence(grown.filter(isDearer)),
    ...limitedSentence(lines),
    ...gapSentence(lines),
  ];
}

function isDearer(line: Grown): boolean {
  return hasEnoughRounds(line) && line.growth.times.low > DEARER;
}

function isNotDearer(line: Grown): boolean {
  return hasEnoughRounds(line) && line.growth.times.high <= DEARER;
}

function hasEnoughRounds({ growth }: Grown): boolean {
  return growth.rounds >= ROUNDS_TO_RANK;
}

function growthSentences(grown: readonly Grown[]): string[] {
  const limit = `more than ${Math.round((DEARER - 1) * 100)} % dearer`;
  const unsure = grown.filter((line) => !isDearer(line) && !isNotDearer(line));
  return [
    ...growthSentence(`an echo became ${limit} on`, grown.filter(isDearer)),
    ...growthSentence(`an echo did not become ${limit} on`, grown.filter(isNotDearer)),
    ...growthSentence(
      `the rounds are too far apart to say whether an echo became ${limit} on`,
      unsure.filter(hasEnoughRounds),
    ),
    ...growthSentence(
      `fewer than ${ROUNDS_TO_RANK} rounds count at one end, too few to say whether an echo became ${limit}, on`,
      unsure.filter((line) => !hasEnoughRounds(line)),
    ),
  ];
}

/** One sentence, in which servers that were measured beside the same crowds stand together. */
function growthSentence(what: string, lines: readonly Grown[]): string[] {
  const ranges = Map.groupBy(
    lines,
    ({ growth: { from, to } }) => `from ${whole(from)} to ${whole(to)} silent connections`,
  );
  const [first, ...others] = [...ranges].map(([range, members]) => ({
    range,
    servers: listed(
      members.map(({ label, growth }) => `${label} (${significant(growth.times.value)} times)`),
    ),
  }));
  if (first === undefined) return [];
  const rest = others.map(({ range, servers }) => `; ${range} on ${servers}`).join("");
  return [`${first.range.replace("from", "From")} ${what} ${first.servers}${rest}.`];
}

function alone({ label, points }: CrowdLine): string {
  return `${label} has a number beside ${whole(points[0]?.crowd ?? 0)} silent connections only, which says nothing of growth.`;
}

function wallSentence({ label, points, wall }: CrowdLine): string[] {
  if (wall === null) return [];
  const last = points.at(-1);
  const reached = last === undefined ? "" : `was measured beside ${whole(last.crowd)} and `;
  const reason = wall.reason === null ? "." : `: ${wall.reason}`;
  const said = wall.said === null ? "" : ` The server said: "${wall.said}"`;
  return [`${label} ${reached}failed beside ${whole(wall.crowd)} silent connections${reason}${said}`];
}

function waitSentences(lines: readonly Measured[]): string[] {
  return [
    ...rangeSentence(
      "Share of its time that a server spent in its wait beside its largest crowd, asleep or while the kernel looked for what was ready",
      lines,
      ({ summary }) => summary.waitShare,
      percentage,
    ),
    ...rangeSentence(
      "Events that a wait brought there",
      lines,
      ({ summary }) => summary.eventsPerWait,
      significant,
    ),
  ];
}

function rangeSentence(
  what: string,
  lines: readonly Measured[],
  pick: (point: CrowdPoint) => Estimate | null,
  text: (value: number) => string,
): string[] {
  const seen = lines
    .flatMap(({ label, last }) => {
      const value = pick(last)?.value;
      return value === undefined ? [] : [{ label, value }];
    })
    .toSorted((left, right) => left.value - right.value);
  const [least] = seen;
  const most = seen.at(-1);
  if (least === undefined || most === undefined) return [];
  const one = `${text(least.value)} on ${least.label}`;
  if (least === most) return [`${what}: ${one}.`];
  return [`${what}: from ${one} to ${text(most.value)} on ${most.label}.`];
}

/** A wait that lasts longer finds more events, which then share what it cost. */
function gatheringSentence(dearer: readonly Grown[]): string[] {
  const gathered = dearer.flatMap(({ label, points }) => {
    const first = points[0]?.summary.eventsPerWait?.value;
    const last = points.at(-1)?.summary.eventsPerWait?.value;
    if (first === undefined || last === undefined || last <= first * DEARER) return [];
    return [`${label} (from ${significant(first)} to ${significant(last)})`];
  });
  return sentence(
    "A wait brought more events the more it cost, which spreads its cost over more echoes, on",
    gathered,
  );
}

function limitedSentence(lines: readonly CrowdLine[]): string[] {
  const limited = lines.flatMap(({ label, points }) => {
    const crowds = points.filter((point) => point.isClientLimited).map(({ crowd }) => whole(crowd));
    return crowds.length === 0 ? [] : [`${label} beside ${listed(crowds)}`];
  });
  if (limited.length === 0) return [];
  return [
    `The load generator was the limit for ${limited.join("; ")}. A server that has time to spare wakes for fewer events at once, so its cost there may differ from that of a full one.`,
  ];
}

function gapSentence(lines: readonly CrowdLine[]): string[] {
  const gaps = lines.flatMap(({ label, gaps }) =>
    [...Map.groupBy(gaps, ({ why }) => why)].map(
      ([why, members]) => `${label} beside ${listed(members.map(({ crowd }) => whole(crowd)))} (${why})`,
    ),
  );
  return gaps.length === 0 ? [] : [`There is no number for ${gaps.join("; ")}.`];
}

function sentence(start: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${start} ${listed(items)}.`];
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
