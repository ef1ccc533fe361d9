/**
 * Two runs of the same workloads, cell by cell. Nothing pairs their generations, and the machine may have become faster or
 * slower between them, so each quantity is compared twice: as it was measured, and as a multiple of what the baseline of
 * the same generation had, from which the machine's own speed cancels out as far as both servers feel it alike. Only the
 * second tells servers apart.
 */
import { MICRO } from "../results/cell-id.ts";
import type { Cell, Run } from "../results/run.ts";
import { isNamed, serverName, USUAL_BASELINE } from "../results/server-name.ts";
import { independentRatio } from "../statistics/ratio.ts";
import { geometricMean } from "../statistics/student.ts";
import type { Interval } from "../statistics/student.ts";
import { inUnit, NOT_OBSERVED, significant, timeUnit, withInterval } from "../units.ts";
import { QUANTITIES, valuesOf, type Quantity } from "./comparison.ts";
import { settingsText, workloadText } from "./labels.ts";
import { plain, type Table, type TableCell } from "./tables.ts";

export interface ComparedCell {
  server: string;
  quantity: Quantity;
  /** Geometric means over generations. */
  base: number;
  head: number;
  /** Head over base as measured; null when a run has one generation only. */
  measured: Interval | null;
  /**
   * The same of the multiples of the baseline; null for the baseline itself, where a run has no generation of both, and where the
   * baseline's own number is the generator's.
   */
  toBaseline: Interval | null;
  verdict: "more" | "less" | "tie" | "unknown";
}

export interface ComparedWorkload {
  /** The scenario, protocol and settings in words. */
  title: string;
  /** The server whose multiples are compared; null when the runs have none in common. */
  baseline: string | null;
  cells: ComparedCell[];
}

export interface RunComparison {
  base: string;
  head: string;
  workloads: ComparedWorkload[];
  /** Cells that only one of the runs has numbers of, in words. */
  leftOut: string[];
}

/**
 * At an offered rate the throughput is given, so there it says nothing; and where the generator was the limit, only the
 * server's CPU time is the server's.
 */
function quantitiesOf({ base, head }: Pair): Quantity[] {
  if (verdictOf(base) !== "valid" || verdictOf(head) !== "valid") return ["server CPU"];
  const { loop, parameters } = base;
  const isGiven = loop === "open" && parameters["objective"] === undefined;
  return isGiven ? ["p99 latency", "server CPU"] : ["throughput", "server CPU"];
}

/** `baseline` names the server whose multiples are compared; null takes node-net, or the first that both runs have. */
export function compareRuns(base: Run, head: Run, baseline: string | null = null): RunComparison {
  const heads = new Map(head.cells.map((cell) => [cell.id, cell]));
  const pairs = base.cells.flatMap((cell) => {
    const other = heads.get(cell.id);
    return other !== undefined && isComparable(cell) && isComparable(other)
      ? [{ base: cell, head: other }]
      : [];
  });
  const compared = new Set(pairs.map((pair) => pair.base.id));
  const groups = Map.groupBy(pairs, (pair) => titleOf(pair.base));
  const pieces = pairs.filter((pair) => pair.base.scenario === MICRO);
  const reference = pieces.find((pair) => isNamed(pair.base, REFERENCE_PIECE)) ?? pieces[0];
  return {
    base: base.id,
    head: head.id,
    workloads: [...groups].map(([title, members]) => compareWorkload(title, members, baseline, reference)),
    leftOut: [base, head].flatMap((run) =>
      run.cells
        .filter((cell) => !compared.has(cell.id))
        .map((cell) => `${serverName(cell)}, ${titleOf(cell)}: ${run.id} says "${verdictOf(cell)}"`),
    ),
  };
}

interface Pair {
  base: Cell;
  head: Cell;
}

/** A server that was not steady has numbers that cannot be compared. */
function isComparable(cell: Cell): boolean {
  return ["valid", "client-limited"].includes(verdictOf(cell));
}

/** The verdict on a cell that has numbers, and how it ended otherwise. */
function verdictOf({ status, summary }: Cell): string {
  return status === "ok" && summary !== null ? summary.validity.verdict : status;
}

function titleOf({ scenario, protocol, parameters }: Cell): string {
  const settings = settingsText(parameters);
  return `${workloadText({ scenario, protocol })}${settings === "" ? "" : `: ${settings}`}`;
}

/** What has no memory to wait for and nothing to do with the kernel, so it says how fast the machine was. */
const REFERENCE_PIECE = "histogram/record";

/** `reference` is the baseline of small pieces, each of which is a workload of its own. */
function compareWorkload(
  title: string,
  pairs: readonly Pair[],
  wanted: string | null,
  reference: Pair | undefined,
): ComparedWorkload {
  const named = (name: string): Pair | undefined => pairs.find(({ base }) => isNamed(base, name));
  const isOfPieces = pairs[0]?.base.scenario === MICRO;
  const baseline = isOfPieces
    ? reference
    : ((wanted === null ? undefined : named(wanted)) ?? named(USUAL_BASELINE) ?? pairs[0]);
  const cells = pairs.flatMap((pair) =>
    quantitiesOf(pair).flatMap((quantity) => compareCell(pair, quantity, baseline) ?? []),
  );
  return { title, baseline: baseline === undefined ? null : serverName(baseline.base), cells };
}

function compareCell(pair: Pair, quantity: Quantity, baseline: Pair | undefined): ComparedCell | null {
  const [bases, heads] = [valuesOf(pair.base, quantity), valuesOf(pair.head, quantity)];
  if (bases.size === 0 || heads.size === 0) return null;
  const toBaseline =
    baseline === undefined || baseline === pair || !quantitiesOf(baseline).includes(quantity)
      ? null
      : independentRatio(
          multiples(bases, valuesOf(baseline.base, quantity)),
          multiples(heads, valuesOf(baseline.head, quantity)),
        );
  const verdict =
    toBaseline === null ? "unknown" : toBaseline.low > 1 ? "more" : toBaseline.high < 1 ? "less" : "tie";
  return {
    server: serverName(pair.base),
    quantity,
    base: geometricMean([...bases.values()]),
    head: geometricMean([...heads.values()]),
    measured: independentRatio([...bases.values()], [...heads.values()]),
    toBaseline,
    verdict,
  };
}

/** Of the generations in which both were measured. */
function multiples(values: ReadonlyMap<number, number>, ofBaseline: ReadonlyMap<number, number>): number[] {
  return [...values].flatMap(([generation, value]) => {
    const unit = ofBaseline.get(generation);
    return unit === undefined ? [] : [value / unit];
  });
}

/** One row for each server and quantity of a workload. */
export function comparisonTable({ cells, baseline }: ComparedWorkload): Table {
  const ratio = (interval: Interval | null): TableCell =>
    plain(interval === null ? NOT_OBSERVED : withInterval(interval.value, interval.low, interval.high));
  return {
    columns: [
      { title: "server", unit: null, align: "left" },
      { title: "quantity", unit: null, align: "left" },
      { title: "base", unit: null, align: "right" },
      { title: "head", unit: null, align: "right" },
      { title: "head / base", unit: null, align: "right" },
      { title: `as multiples of ${baseline ?? NOT_OBSERVED}`, unit: null, align: "right" },
      { title: "head has", unit: null, align: "left" },
    ],
    rows: cells.map(({ server, quantity, base, head, measured, toBaseline, verdict }) => [
      plain(server),
      plain(QUANTITIES[quantity]),
      plain(inWords(quantity, base)),
      plain(inWords(quantity, head)),
      ratio(measured),
      ratio(toBaseline),
      plain(verdict === "unknown" ? NOT_OBSERVED : verdict),
    ]),
  };
}

function inWords(quantity: Quantity, value: number): string {
  if (quantity === "throughput") return `${significant(value)}/s`;
  const unit = timeUnit([value]);
  return `${inUnit(value, unit)} ${unit.name}`;
}
