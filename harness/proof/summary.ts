/** What all trials together say of the gate: how often it erred, with exact bounds, live and replayed apart. */
import { table } from "../reports/markdown-table.ts";
import { plain, type Table } from "../reports/tables.ts";
import type { EndpointId, Pair, Verdict } from "../results/gate.ts";
import type { Trial } from "../results/proof.ts";
import { rateOf } from "../statistics/binomial.ts";
import { mean, standardDeviation } from "../statistics/student.ts";
import { change, NOT_OBSERVED, percentage } from "../units.ts";
import { TRIAL_KINDS, type TrialKind } from "./kinds.ts";
import { replay, type HeadOf, type Replays } from "./replay.ts";

/** As many gates as show that at most 1 % of quiet ones fail, and that at least 95 % of slowed ones do. */
const FALSE_ALARM_GATES = 628;
const POWER_GATES = 208;

/** Everything in Markdown, from nothing but the trials. */
export function summaryText(trials: readonly Trial[]): string {
  const machines = [...new Set(trials.map(({ machine }) => machine))];
  return [
    "# Proof of the gate",
    "Each trial is a whole gate on real servers: a base, a head that is the same server with a known amount of work added to each read, and the gate's own two controls. " +
      `There are ${trials.length} so far, on ${machines.length === 1 ? "one machine" : `${machines.length} machines`}: ${machines.join("; ")}. ` +
      `They measured ${whatWasTried(trials)}. ` +
      "`npm run gate:prove` takes more and writes this page from `trials.jsonl`.",
    ...proofTables(trials).flatMap(({ title, note, table: found }) => [`## ${title}`, note, table(found)]),
    ...notRight(trials),
  ].join("\n\n");
}

/** Servers and workloads, and the code: a reader can see what changed in it since. */
function whatWasTried(trials: readonly Trial[]): string {
  const workloads = new Set(
    trials.flatMap(({ cells }) =>
      cells.map(({ server, scenario, protocol }) => `${scenario} over ${protocol} on \`${server}\``),
    ),
  );
  const commits = new Set(trials.map(({ commit }) => commit?.slice(0, 7) ?? "an unknown commit"));
  return `${[...workloads].join(", ")}, with the code of ${[...commits].join(", ")}`;
}

function untried(trials: readonly Trial[]): string {
  const missing = TRIAL_KINDS.filter(({ name }) => trials.every(({ kind }) => kind !== name));
  return missing.length === 0 ? "" : ` No trial yet of: ${missing.map(({ title }) => title).join("; ")}.`;
}

/** The same as tables, for whoever shows them in another form. */
export function proofTables(trials: readonly Trial[]): { title: string; note: string; table: Table }[] {
  return [
    {
      title: "Live trials",
      note:
        "A rate stands with its exact 95 % interval (Clopper and Pearson). What the head really cost is the mean over all blocks. Where that lies between what is ignorable and what must be caught, a pass is as right as a failure." +
        untried(trials),
      table: liveTable(trials),
    },
    // A gate runs on one machine, so that blocks of two are never of one gate.
    ...[...Map.groupBy(trials, ({ machine }) => machine)].flatMap(([machine, own], place, all) => {
      const where = all.length === 1 ? "" : ` on ${machine}`;
      const once = (note: string): string => (place === 0 ? note : "As above, on another machine.");
      return [
        {
          title: `Blocks${where}`,
          note: once("Differences in single blocks, each with fresh processes."),
          table: blockTable(own),
        },
        {
          title: `Replayed gates${where}`,
          note: once(
            "Gates decided again, by the same code, over stretches of recorded blocks that begin anywhere. They tell what the stopping rule makes of these blocks, and are no further evidence about the machine.",
          ),
          table: replayTable(own),
        },
      ];
    }),
  ];
}

/** The two figures by which a gate is judged, short enough for a badge; empty without trials of that kind. */
export function proofBadges(trials: readonly Trial[]): { label: string; value: string }[] {
  const badge = (kind: string, label: string): { label: string; value: string }[] => {
    const own = trials.filter((trial) => trial.kind === kind);
    if (own.length === 0) return [];
    const { fail } = countVerdicts(own);
    const { low, high } = rateOf(fail, own.length);
    return [{ label, value: `${fail} of ${own.length} [${percentage(low)} to ${percentage(high)}]` }];
  };
  return [...badge("same", "failed without a change"), ...badge("cpu-5", "failed with 5 % more CPU time")];
}

const column = (title: string, align: "left" | "right" = "right") => ({ title, unit: null, align });

function liveTable(trials: readonly Trial[]): Table {
  return {
    columns: [
      ...[column("added to the head", "left"), column("head costs"), column("trials"), column("fail")],
      ...[column("pass"), column("inconclusive"), column("cannot tell"), column("failed, of all")],
      ...[column("blocks"), column("minutes")],
    ],
    rows: kindsIn(trials).map(([kind, own]) => {
      const counts = countVerdicts(own);
      const rate = rateOf(counts.fail, own.length);
      return [
        kind.title,
        costText(own.flatMap((trial) => differencesOf(trial, "head", "server-cpu"))),
        ...[own.length, counts.fail, counts.pass, counts.inconclusive, counts.environment].map(String),
        `${percentage(rate.value)} [${percentage(rate.low)} to ${percentage(rate.high)}]`,
        mean(own.map(({ blocks, rejected }) => blocks + rejected.length)).toFixed(1),
        mean(own.map(minutesOf)).toFixed(1),
      ].map((text) => plain(text));
    }),
  };
}

function blockTable(trials: readonly Trial[]): Table {
  const groups: [string, number[]][] = [];
  for (const id of ["server-cpu", "time-per-operation", "p99-latency"] as const) {
    const add = (title: string, pair: Pair, own: readonly Trial[]): void =>
      void groups.push([`${title}, ${id}`, own.flatMap((trial) => differencesOf(trial, pair, id))]);
    add("base again", "base again", trials);
    add("base slowed", "base slowed", trials);
    for (const [kind, own] of kindsIn(trials)) add(`head with ${kind.title}`, "head", own);
  }
  return {
    columns: [column("compared with the base", "left"), column("blocks"), column("mean"), column("block SD")],
    rows: groups
      .filter(([, values]) => values.length > 1)
      .map(([title, values]) =>
        [title, String(values.length), change(mean(values)), percentage(standardDeviation(values) ?? 0)].map(
          (text) => plain(text),
        ),
      ),
  };
}

function replayTable(trials: readonly Trial[]): Table {
  const echo = trials.filter((trial) => trial.cells[0]?.scenario === "echo");
  const rows = (
    [
      ["same", FALSE_ALARM_GATES, ({ kind }) => (kind === "same" ? "head" : null)],
      // The positive control of a trial of nothing is a head that costs 5 % more, too.
      [
        "cpu-5",
        POWER_GATES,
        ({ kind }) => (kind === "cpu-5" ? "head" : kind === "same" ? "base slowed" : null),
      ],
    ] satisfies [string, number, HeadOf][]
  ).flatMap(([kind, gates, headOf]) => {
    const found = replay(echo, headOf, gates);
    return found === null ? [] : [replayRow(titleOf(kind), found)];
  });
  return {
    columns: [
      ...[column("added to the head", "left"), column("blocks"), column("gates"), column("fail")],
      ...[column("pass"), column("inconclusive"), column("cannot tell"), column("blocks of a gate")],
    ],
    rows,
  };
}

function replayRow(title: string, { blocks, gates, verdicts, meanBlocks }: Replays) {
  const { fail, pass, inconclusive, environment } = verdicts;
  return [
    title,
    ...[blocks, gates, fail, pass, inconclusive, environment].map(String),
    meanBlocks.toFixed(1),
  ].map((text) => plain(text));
}

/** Trials that ended otherwise than was right, each with its reason: they are what a reader should look at. */
function notRight(trials: readonly Trial[]): string[] {
  const wrong = trials.filter(({ kind, verdict }) => {
    const right = TRIAL_KINDS.find(({ name }) => name === kind)?.right ?? null;
    return right !== null && verdict !== right;
  });
  if (wrong.length === 0) return [];
  const lines = wrong.map(({ kind, startedAt, reason }) => `- ${startedAt}, ${titleOf(kind)}: ${reason}`);
  return ["## Trials that were not right", lines.join("\n")];
}

/** By kind, in the order of the kinds; a kind that is no longer known is left out. */
function kindsIn(trials: readonly Trial[]): [TrialKind, Trial[]][] {
  return TRIAL_KINDS.flatMap((kind): [TrialKind, Trial[]][] => {
    const own = trials.filter((trial) => trial.kind === kind.name);
    return own.length === 0 ? [] : [[kind, own]];
  });
}

function titleOf(kind: string): string {
  return TRIAL_KINDS.find(({ name }) => name === kind)?.title ?? kind;
}

function countVerdicts(trials: readonly Trial[]): Record<Verdict, number> {
  const of = (wanted: Verdict): number => trials.filter(({ verdict }) => verdict === wanted).length;
  return {
    pass: of("pass"),
    fail: of("fail"),
    inconclusive: of("inconclusive"),
    environment: of("environment"),
  };
}

function differencesOf({ cells }: Trial, pair: Pair, id: EndpointId): number[] {
  return cells.flatMap((cell) => cell.pairs[pair].find((one) => one.id === id)?.differences ?? []);
}

function minutesOf({ startedAt, finishedAt }: Trial): number {
  return (Date.parse(finishedAt) - Date.parse(startedAt)) / 60_000;
}

function costText(differences: readonly number[]): string {
  return differences.length === 0 ? NOT_OBSERVED : change(mean(differences));
}
