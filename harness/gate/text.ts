/** What a gate found, in words and tables: the verdict first. */
import { settingsText } from "../reports/labels.ts";
import { plain, type Table, type TableCell } from "../reports/tables.ts";
import { smallestVisible, type Look } from "../statistics/sequential.ts";
import { change, percentage } from "../units.ts";
import {
  PAIRS,
  type EndpointId,
  type GateCell,
  type GateRecord,
  type GateSystemCalls,
  type Pair,
} from "../results/gate.ts";
import { ENDPOINTS, logMargins } from "./endpoints.ts";
import { callText } from "./system-calls.ts";

const VERDICT_WORDS = {
  pass: "PASS",
  fail: "FAIL",
  inconclusive: "INCONCLUSIVE",
  environment: "ENVIRONMENT CANNOT TELL",
} as const;

export function verdictText({ verdict, reason }: GateRecord): string {
  return verdict === null ? "No verdict yet." : `${VERDICT_WORDS[verdict]}: ${reason}`;
}

export function whatText({ base, head, blocks, mostBlocks, rejected }: GateRecord): string {
  const left =
    rejected.length === 0 ? "" : `, ${rejected.length} rejected without a look at what they compare`;
  return `Head ${head} against base ${base}: ${blocks} of at most ${mostBlocks} blocks of fresh processes${left}.`;
}

export function cellTitle({ server, protocol, scenario, parameters }: GateCell): string {
  const settings = settingsText(parameters);
  return `${server}: ${scenario} over ${protocol}${settings === "" ? "" : `, ${settings}`}`;
}

/** One row for each endpoint and arm. */
export function cellTable(cell: GateCell, margins: GateRecord["margins"]): Table {
  return {
    columns: [
      { title: "endpoint", unit: null, align: "left" },
      { title: "server", unit: null, align: "left" },
      { title: "worse than base by", unit: null, align: "right" },
      { title: "block SD", unit: null, align: "right" },
      { title: "ignorable", unit: null, align: "right" },
      { title: "must catch", unit: null, align: "right" },
      { title: "visible", unit: null, align: "right" },
      { title: "outcome", unit: null, align: "left" },
    ],
    rows: PAIRS.flatMap((pair) =>
      cell.pairs[pair].flatMap(({ id, look }) => (look === null ? [] : [row(pair, id, look, margins)])),
    ),
  };
}

function row(pair: Pair, id: EndpointId, look: Look, margins: GateRecord["margins"]): TableCell[] {
  const { ignorable, mustCatch } = logMargins(margins, id);
  const visible = smallestVisible(ignorable, look);
  return [
    ...[ENDPOINTS[id].title, pair],
    `${change(look.estimate)} [${change(look.low)} to ${change(look.high)}]`,
    percentage(look.standardDeviation),
    ...[ignorable, mustCatch, visible].map((logarithm) => percentage(Math.expm1(logarithm))),
    look.outcome,
  ].map((text) => plain(text));
}

/**
 * The smallest change that the gate would have shown in 95 of 100 cases, as a share, over all that it judged: what a quiet
 * gate leaves possible. Null before the first look.
 */
export function smallestDetectable({ cells, margins }: Pick<GateRecord, "cells" | "margins">): number | null {
  const visible = cells.flatMap((cell) =>
    cell.pairs.head.flatMap(({ id, look }) =>
      look === null ? [] : [smallestVisible(logMargins(margins, id).ignorable, look)],
    ),
  );
  return visible.length === 0 ? null : Math.expm1(Math.max(...visible));
}

/** What else a reader must know. */
export function remarksOf(record: GateRecord): string[] {
  const slowed = Object.entries(record.slowdowns).map(
    ([key, { loops }]) =>
      `The slowed base of ${key} goes ${loops} times round an empty loop after each read, which is to cost it as much as must be caught.`,
  );
  const reasons = [...Map.groupBy(record.rejected, (reason) => reason)].map(
    ([reason, all]) => `Rejected ${all.length === 1 ? "once" : `${all.length} times`}: ${reason}`,
  );
  return [
    "“base again” is another process of the base, the negative control; “base slowed” is the base slowed down on purpose, the positive control. The time per operation is the inverse of the throughput.",
    "Intervals are those of the latest look: each bound is wrong in at most 5 % of gates, over all looks together.",
    ...slowed,
    ...record.slowReasons,
    ...record.systemCalls.map(systemCallsText),
    ...(record.systemCallsReason === null
      ? []
      : [`System calls were not counted everywhere. ${record.systemCallsReason}`]),
    ...record.cells.flatMap((cell) => cell.notJudged.map((reason) => `${cellTitle(cell)}: ${reason}`)),
    ...reasons,
  ];
}

function systemCallsText({ server, protocol, scenario, more, fewer, head }: GateSystemCalls): string {
  const parts = [...changesIn(more, "more"), ...changesIn(fewer, "fewer")];
  const all = Object.values(head).reduce((sum, count) => sum + count, 0);
  return (
    `System calls for each operation, counted with a single connection (${server}, ${scenario} over ${protocol}): ` +
    (parts.length === 0
      ? `${all.toFixed(2)} of the head, and the base makes as many of each.`
      : `the head makes ${parts.join(", ")}.`)
  );
}

function changesIn(calls: Readonly<Record<string, number>>, word: string): string[] {
  return Object.entries(calls).map(([name, count]) => `${count.toFixed(2)} ${word} of ${callText(name)}`);
}
