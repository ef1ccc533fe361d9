/** What a gate found, in words and tables: the verdict first. */
import { settingsText } from "../reports/labels.ts";
import { plain, type Table, type TableCell } from "../reports/tables.ts";
import { smallestVisible } from "../statistics/sequential.ts";
import { ENDPOINTS, marginsOf } from "./endpoints.ts";
import { PAIRS, type GateCell, type GateEndpoint, type GateRecord, type Pair } from "./record.ts";

const WORDS = {
  pass: "PASS",
  fail: "FAIL",
  inconclusive: "INCONCLUSIVE",
  environment: "ENVIRONMENT CANNOT TELL",
} as const;

const ARMS: Record<Pair, string> = {
  head: "head",
  "base again": "base again (negative control)",
  "base slowed": "base slowed down (positive control)",
};

export function verdictText({ verdict, reason }: GateRecord): string {
  return verdict === null ? "No verdict yet." : `${WORDS[verdict]}: ${reason}`;
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
export function cellTable(cell: GateCell): Table {
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
      cell.pairs[pair].flatMap((endpoint) => (endpoint.look === null ? [] : [row(pair, endpoint)])),
    ),
  };
}

function row(pair: Pair, { id, look }: GateEndpoint): TableCell[] {
  const { title, ignorable, mustCatch } = ENDPOINTS[id];
  const visible =
    look === null ? null : smallestVisible(marginsOf(id).ignorable, look.standardDeviation, look.count);
  return [
    plain(title),
    plain(ARMS[pair]),
    plain(look === null ? "–" : `${change(look.estimate)} [${change(look.low)} to ${change(look.high)}]`),
    plain(look === null ? "–" : percent(look.standardDeviation)),
    plain(percent(ignorable)),
    plain(percent(mustCatch)),
    plain(visible === null ? "–" : percent(Math.expm1(visible))),
    plain(look?.outcome ?? "–"),
  ];
}

/** What else a reader must know. */
export function remarksOf(record: GateRecord): string[] {
  const slowed = Object.entries(record.slowLoops).map(
    ([key, loops]) =>
      `The slowed base of ${key} goes ${loops} times round an empty loop after each read, which is to cost it as much as must be caught.`,
  );
  const reasons = [...Map.groupBy(record.rejected, (reason) => reason)].map(
    ([reason, all]) => `Rejected ${all.length === 1 ? "once" : `${all.length} times`}: ${reason}`,
  );
  return [
    "Intervals are those of the latest look: each bound is wrong in at most 5 % of gates, over all looks together.",
    ...slowed,
    ...record.slowReasons,
    ...record.cells.flatMap((cell) => cell.notJudged.map((reason) => `${cellTitle(cell)}: ${reason}`)),
    ...reasons,
  ];
}

/** A difference of logarithms as a change: "+5.2 %". */
function change(logarithm: number): string {
  const share = Math.expm1(logarithm) * 100;
  return `${share >= 0 ? "+" : "−"}${Math.abs(share).toFixed(1)} %`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
