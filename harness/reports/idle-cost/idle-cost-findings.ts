/** What idle connections cost, in plain sentences that are made from the numbers alone. */
import type { Estimate } from "../../results/run.ts";
import { GENERATIONS_TO_RANK } from "../comparison.ts";
import { percentage, significant, whole } from "../../units.ts";
import { type IdleCostLine, type IdleCostLines, type IdleCostPoint, type Growth } from "./idle-cost-lines.ts";

/** A smaller cost ratio counts as no growth: caches and the scheduler alone can cause as much. */
const GROWTH_LIMIT = 1.25;

type Grown = IdleCostLine & { growth: Growth };
type Measured = IdleCostLine & { last: IdleCostPoint };

/** Nothing is said where nothing was measured. */
export function findingsOf({ lines }: IdleCostLines): string[] {
  const grown = lines.filter((line): line is Grown => line.growth !== null);
  const measured = lines.flatMap((line): Measured[] => {
    const last = line.points.at(-1);
    return last === undefined ? [] : [{ ...line, last }];
  });
  return [
    ...growthSentences(grown),
    ...lines.filter(({ points }) => points.length === 1).map(alone),
    ...lines.flatMap(failureSentence),
    ...waitSentences(measured),
    ...batchingSentence(grown.filter(hasGrown)),
    ...limitedSentence(lines),
    ...gapSentence(lines),
  ];
}

function hasGrown(line: Grown): boolean {
  return hasEnoughGenerations(line) && line.growth.ratio.low > GROWTH_LIMIT;
}

function hasNotGrown(line: Grown): boolean {
  return hasEnoughGenerations(line) && line.growth.ratio.high <= GROWTH_LIMIT;
}

function hasEnoughGenerations({ growth }: Grown): boolean {
  return growth.generations >= GENERATIONS_TO_RANK;
}

function growthSentences(grown: readonly Grown[]): string[] {
  const limit = `by more than ${Math.round((GROWTH_LIMIT - 1) * 100)} %`;
  const unsure = grown.filter((line) => !hasGrown(line) && !hasNotGrown(line));
  return [
    ...growthSentence(`the cost of an echo rose ${limit} on`, grown.filter(hasGrown)),
    ...growthSentence(`the cost of an echo did not rise ${limit} on`, grown.filter(hasNotGrown)),
    ...growthSentence(
      `the generations are too far apart to say whether the cost of an echo rose ${limit} on`,
      unsure.filter(hasEnoughGenerations),
    ),
    ...growthSentence(
      `fewer than ${GENERATIONS_TO_RANK} generations have both ends, too few to say whether the cost of an echo rose ${limit}, on`,
      unsure.filter((line) => !hasEnoughGenerations(line)),
    ),
  ];
}

/** One sentence, which groups the servers that were measured with the same numbers of idle connections. */
function growthSentence(what: string, lines: readonly Grown[]): string[] {
  const ranges = Map.groupBy(
    lines,
    ({ growth: { from, to } }) => `from ${whole(from)} to ${whole(to)} idle connections`,
  );
  const [first, ...others] = [...ranges].map(([range, members]) => ({
    range,
    servers: listed(
      members.map(({ label, growth }) => `${label} (${significant(growth.ratio.value)} times)`),
    ),
  }));
  if (first === undefined) return [];
  const rest = others.map(({ range, servers }) => `; ${range} on ${servers}`).join("");
  return [`${first.range.replace("from", "From")} ${what} ${first.servers}${rest}.`];
}

function alone({ label, points }: IdleCostLine): string {
  return `${label} has a cost with ${whole(points[0]?.idle ?? 0)} idle connections only, which says nothing about growth.`;
}

function failureSentence({ label, points, failure }: IdleCostLine): string[] {
  if (failure === null) return [];
  const last = points.at(-1);
  const reached = last === undefined ? "" : `was measured with ${whole(last.idle)} and `;
  const reason = failure.reason === null ? "." : `: ${failure.reason.replace(/[^.]$/, "$&.")}`;
  const stderr = failure.stderr === null ? "" : ` Its stderr: "${failure.stderr}"`;
  return [`${label} ${reached}failed at ${whole(failure.idle)} idle connections${reason}${stderr}`];
}

function waitSentences(lines: readonly Measured[]): string[] {
  return [
    ...rangeSentence(
      "Share of its time that a server spent in its wait with the most idle connections, asleep, or while the kernel looked for ready ones or, on uring, received and sent",
      lines,
      ({ summary }) => summary.waitShare,
      percentage,
    ),
    ...rangeSentence(
      "Events that a wait returned there",
      lines,
      ({ summary }) => summary.eventsPerWait,
      significant,
    ),
  ];
}

function rangeSentence(
  what: string,
  lines: readonly Measured[],
  pick: (point: IdleCostPoint) => Estimate | null,
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

/** A wait that lasts longer returns more events, over which its cost is then spread. */
function batchingSentence(costlier: readonly Grown[]): string[] {
  const batched = costlier.flatMap(({ label, points }) => {
    const first = points[0]?.summary.eventsPerWait?.value;
    const last = points.at(-1)?.summary.eventsPerWait?.value;
    if (first === undefined || last === undefined || last <= first * GROWTH_LIMIT) return [];
    return [`${label} (from ${significant(first)} to ${significant(last)})`];
  });
  return sentence(
    "Waits that cost more also returned more events, which spreads the cost over more echoes, on",
    batched,
  );
}

function limitedSentence(lines: readonly IdleCostLine[]): string[] {
  const limited = lines.flatMap(({ label, points }) => {
    const idleCounts = points.filter((point) => point.isClientLimited).map(({ idle }) => whole(idle));
    return idleCounts.length === 0 ? [] : [`${label} with ${listed(idleCounts)} idle`];
  });
  if (limited.length === 0) return [];
  return [
    `The load generator was the limit for ${limited.join("; ")}. A server that is not saturated wakes for fewer events at once, so its cost there may differ from that of a saturated one.`,
  ];
}

function gapSentence(lines: readonly IdleCostLine[]): string[] {
  const gaps = lines.flatMap(({ label, gaps }) =>
    [...Map.groupBy(gaps, ({ why }) => why)].map(
      ([why, members]) => `${label} with ${listed(members.map(({ idle }) => whole(idle)))} idle (${why})`,
    ),
  );
  return gaps.length === 0 ? [] : [`No cost was measured for ${gaps.join("; ")}.`];
}

function sentence(start: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${start} ${listed(items)}.`];
}

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
