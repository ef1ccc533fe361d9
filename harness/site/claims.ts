/**
 * A claim is a sentence about two servers that any run can judge: it holds there, the contrary holds, or the run cannot
 * tell. A link to a claim is the claim itself, so whoever follows it sees it judged against every run that is published.
 */
import { compare, mayBeCompared, QUANTITIES, type Quantity } from "../reports/comparison.ts";
import { PROTOCOLS, type Protocol } from "../contract.ts";
import type { Cell, Run } from "../results/run.ts";
import { isNamed } from "../results/server-name.ts";
import type { Interval } from "../statistics/student.ts";
import { whole } from "../units.ts";

export interface Claim {
  /** The server that is said to have less. */
  less: string;
  /** The server that it is compared with. */
  than: string;
  quantity: Quantity;
  /** At most so many times as much. */
  most: number;
  scenario: string;
  protocol: Protocol;
  /** Only cells with more idle connections than this; null for a claim that says nothing of them. */
  aboveIdle: number | null;
}

type Judgement = "held" | "reversed" | "undecided";

/** What one run says. */
export interface Evidence {
  judgement: Judgement;
  /** Of every cell that the claim is about. */
  ratios: { settings: string; idle: number | null; ratio: Interval }[];
  /** With every number of idle connections, also those that the claim says nothing of; empty for a claim of none. */
  byIdle: { idle: number; ratio: Interval }[];
  /** Idle connections at which the ratio crosses what is claimed, with the interval; null where it does not. */
  crossover: Interval | null;
}

/** In words: "reactor/epoll has at most 0.55 times the server CPU per operation of node-net, in echo over tcp". */
export function claimText({ less, than, quantity, most, scenario, protocol, aboveIdle }: Claim): string {
  const idle = aboveIdle === null ? "" : ` above ${whole(aboveIdle)} idle connections`;
  const amount = most === 1 ? "no more" : `at most ${most} times the`;
  const of = most === 1 ? ` ${QUANTITIES[quantity]} than ${than}` : ` ${QUANTITIES[quantity]} of ${than}`;
  return `${less} has ${amount}${of}, in ${scenario} over ${protocol}${idle}`;
}

/** Null for a run that has no cell of both servers with numbers that may be compared. */
export function judgeClaim(claim: Claim, run: Pick<Run, "cells">): Evidence | null {
  const all = pairsOf(claim, run).flatMap(([less, than]) => {
    const comparison = compare(than, less, claim.quantity);
    if (comparison === null) return [];
    return [{ settings: settingsOf(less), idle: idleOf(less), ratio: comparison.ratio }];
  });
  if (all.length === 0) return null;
  const { aboveIdle, most } = claim;
  const ratios = all.filter(({ idle }) => aboveIdle === null || (idle !== null && idle > aboveIdle));
  if (ratios.length === 0) return null;
  // An interval of a single generation has no width, and is none.
  const isKnown = ({ ratio: { low, high } }: (typeof ratios)[0]): boolean => low < high;
  const judgement = ratios.every((one) => isKnown(one) && one.ratio.high <= most)
    ? "held"
    : ratios.some((one) => isKnown(one) && one.ratio.low > most)
      ? "reversed"
      : "undecided";
  const byIdle =
    aboveIdle === null ? [] : all.flatMap(({ idle, ratio }) => (idle === null ? [] : [{ idle, ratio }]));
  return { judgement, ratios, byIdle, crossover: crossoverOf(byIdle, most) };
}

function pairsOf(claim: Claim, { cells }: Pick<Run, "cells">): [Cell, Cell][] {
  const own = cells.filter(
    (cell) =>
      cell.scenario === claim.scenario &&
      cell.protocol === claim.protocol &&
      mayBeCompared(cell, claim.quantity),
  );
  return own
    .filter((cell) => isNamed(cell, claim.less))
    .flatMap((cell): [Cell, Cell][] => {
      const other = own.find((one) => isNamed(one, claim.than) && settingsOf(one) === settingsOf(cell));
      return other === undefined ? [] : [[cell, other]];
    });
}

function settingsOf({ parameters }: Cell): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function idleOf({ parameters }: Cell): number | null {
  const idle = parameters["idleConnections"];
  return idle === undefined ? null : Number(idle);
}

/**
 * Where the ratio falls or rises to `most`, between two numbers of idle connections, on a line through both on log axes. The ends of
 * the interval are where the bounds of the ratio cross. Null when the ratio does not cross exactly once.
 */
function crossoverOf(ratios: readonly { idle: number; ratio: Interval }[], most: number): Interval | null {
  const points = ratios.filter(({ idle }) => idle > 0).toSorted((a, b) => a.idle - b.idle);
  const crossing = (pick: (ratio: Interval) => number): number | null => {
    const found = points.slice(1).flatMap((right, index) => {
      const left = points[index] as (typeof points)[0];
      const [before, after] = [Math.log(pick(left.ratio) / most), Math.log(pick(right.ratio) / most)];
      if (before <= 0 === after <= 0) return [];
      const share = before / (before - after);
      return [Math.exp(Math.log(left.idle) + share * Math.log(right.idle / left.idle))];
    });
    return found.length === 1 ? (found[0] as number) : null;
  };
  const value = crossing((ratio) => ratio.value);
  if (value === null) return null;
  const [first, last] = [points[0]?.idle ?? value, points.at(-1)?.idle ?? value];
  // A ratio that falls takes its lower bound across first, and one that rises its upper bound.
  const isFalling = (points[0]?.ratio.value ?? 0) > most;
  const [earlier, later] = [
    crossing((ratio) => (isFalling ? ratio.low : ratio.high)),
    crossing((ratio) => (isFalling ? ratio.high : ratio.low)),
  ];
  // A bound that does not cross leaves the end where the measurements end.
  return { value, low: earlier ?? first, high: later ?? last };
}

/** A claim as a query string, and back; null for a query that is none. */
export function claimQuery(claim: Claim): string {
  const { aboveIdle, ...rest } = claim;
  const values = Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]);
  if (aboveIdle !== null) values.push(["aboveIdle", String(aboveIdle)]);
  return new URLSearchParams(values).toString();
}

export function claimOf(query: string): Claim | null {
  const values = new URLSearchParams(query);
  const text = (name: string): string => values.get(name) ?? "";
  const quantity = (Object.keys(QUANTITIES) as Quantity[]).find((one) => one === text("quantity"));
  const most = Number(text("most"));
  const aboveIdle = values.has("aboveIdle") ? Number(text("aboveIdle")) : null;
  const protocol = PROTOCOLS.find((one) => one === text("protocol"));
  const [less, than, scenario] = ["less", "than", "scenario"].map(text) as [string, string, string];
  if (quantity === undefined || protocol === undefined || !(most > 0)) return null;
  if (less === "" || than === "" || scenario === "") return null;
  if (aboveIdle !== null && !(Number.isInteger(aboveIdle) && aboveIdle >= 0)) return null;
  return { less, than, quantity, most, scenario, protocol, aboveIdle };
}

/** What the project itself says of its servers, judged like everybody's claims. */
export const OWN_CLAIMS: readonly Claim[] = [
  own("reactor/epoll", "node-net", 0.55, "echo", "tcp"),
  own("reactor/epoll", "native-echo/epoll", 1.05, "echo", "tcp"),
  own("reactor/epoll", "uwebsockets", 0.8, "echo", "http"),
  own("reactor/epoll", "uwebsockets", 0.9, "echo", "ws"),
  own("reactor/epoll", "node-net", 0.65, "accept", "tcp"),
  { ...own("reactor/epoll", "reactor/poll", 1, "idle", "tcp"), aboveIdle: 100 },
  { ...own("reactor/epoll", "reactor/select", 1, "idle", "tcp"), aboveIdle: 100 },
];

function own(less: string, than: string, most: number, scenario: string, protocol: Protocol): Claim {
  return { less, than, quantity: "server CPU", most, scenario, protocol, aboveIdle: null };
}
