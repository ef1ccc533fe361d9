/** What a reader must know of how the numbers came about: what was left out, what was measured alone, and stalls. */
import { MICRO } from "../results/cell-id.ts";
import { cellTitle, workloadText } from "./labels.ts";
import { titleOf } from "./check-table.ts";
import { whole } from "../units.ts";
import { serverName } from "../results/server-name.ts";
import type { Cell, Stall } from "../results/run.ts";

/** In sentences. */
export function remarks(cells: readonly Cell[]): string[] {
  return [
    ...samplesLeftOut(cells),
    ...cyclesLeftOut(cells),
    ...measuredAlone(cells),
    ...unknownCosts(cells),
    ...stalls(cells),
    ...losses(cells),
  ];
}

/** So that it is plain that no samples were picked. */
function samplesLeftOut(cells: readonly Cell[]): string[] {
  const samples = cells.flatMap((cell) => cell.samples);
  const invalid = samples.filter(({ status }) => status === "invalid");
  if (invalid.length === 0) return [];
  const names = invalid.flatMap(
    ({ validity }) => validity?.checks.filter(({ passed }) => !passed).map(titleOf) ?? [],
  );
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name} ${all.length}`);
  const broken = counts.length === 0 ? "" : ` (${counts.join(", ")})`;
  return [
    `${invalid.length} of ${samples.length} samples broke a limit fixed in advance${broken} and are left ` +
      `out of every number; run.json has them.`,
  ];
}

/** Slices are counted, because the servers of a cycle each have one in it. */
function cyclesLeftOut(cells: readonly Cell[]): string[] {
  const samples = cells.flatMap((cell) => cell.samples);
  const counts = new Map<string, number>();
  for (const { cyclesLeftOut } of samples)
    for (const [reason, count] of Object.entries(cyclesLeftOut))
      counts.set(reason, (counts.get(reason) ?? 0) + count);
  if (counts.size === 0) return [];
  const kept = samples.reduce((sum, { cycles }) => sum + cycles.length, 0);
  const left = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} (${count})`);
  return [
    `${whole(left)} of ${whole(kept + left)} slices lie in cycles that are left out, each cycle for all its servers and ` +
      `without a look at results: ${reasons.join("; ")}.`,
  ];
}

function measuredAlone(cells: readonly Cell[]): string[] {
  const reasons = new Map<string, string>();
  for (const cell of cells) {
    const reason = cell.samples.find(({ measuredAlone }) => measuredAlone !== null)?.measuredAlone;
    if (reason != null && cell.scenario !== MICRO)
      reasons.set(`${serverName(cell)} over ${cell.protocol}`, reason);
  }
  return [...Map.groupBy(reasons, ([, reason]) => reason)].map(
    ([reason, servers]) => `Measured alone: ${servers.map(([server]) => server).join(", ")}. ${reason}`,
  );
}

function unknownCosts(cells: readonly Cell[]): string[] {
  const servers = Map.groupBy(cells, (cell) => `${serverName(cell)} over ${cell.protocol}`);
  const unknown = [...servers].flatMap(([server, its]) => {
    const samples = its.flatMap((cell) => cell.samples).filter(({ status }) => status === "ok");
    const count = samples.filter(({ serverCpuNsPerOp }) => serverCpuNsPerOp === null).length;
    return count === 0 ? [] : [`${server} (${count} of ${samples.length} samples)`];
  });
  if (unknown.length === 0) return [];
  return [
    `Server CPU is not known of ${unknown.join(", ")}: processes of the server came or went meanwhile, their clocks ` +
      `could not be read, or it runs on another machine.`,
  ];
}

/** Of UDP, where a loss is no fault and slows a closed loop down. */
function losses(cells: readonly Cell[]): string[] {
  return cells.flatMap((cell) => {
    const accounts = cell.samples.flatMap(({ load }) => load?.accounting ?? []);
    const lost = accounts.reduce((sum, account) => sum + (account.lost ?? 0), 0);
    if (lost === 0) return [];
    const sent = accounts.reduce((sum, account) => sum + account.sent, 0);
    return [`${cellTitle(cell)}: ${whole(lost)} of ${whole(sent)} datagrams were not answered within 0.2 s.`];
  });
}

const CAUSES = { "on-cpu": "on CPU", asleep: "asleep", unknown: "unobserved" } as const;

function stalls(cells: readonly Cell[]): string[] {
  return cells.flatMap((cell) => {
    const found = cell.samples.filter(({ status }) => status === "ok").flatMap((sample) => sample.stalls);
    const byCause = Map.groupBy(found, ({ cause }) => cause ?? "unknown");
    const where = `${serverName(cell)}, ${workloadText(cell)}`;
    return [...byCause].map(
      ([cause, all]) =>
        `${where}: ${inWords(all)}, ${CAUSES[cause]}. The percentiles hold what it did to requests.`,
    );
  });
}

function inWords(stalls: readonly Stall[]): string {
  const milliseconds = stalls.map(({ seconds }) => Math.round(seconds * 1000)).toSorted((a, b) => a - b);
  const [least, most] = [milliseconds[0] ?? 0, milliseconds.at(-1) ?? 0];
  if (stalls.length === 1) return `one stall of ${least} ms`;
  return `${stalls.length} stalls of ${least === most ? "" : `${least} to `}${most} ms`;
}
