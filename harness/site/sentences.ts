/** What a workload says in plain words: who is first, who is tied, and how much more the others cost. */
import { workloadText } from "../reports/labels.ts";
import { compare, GENERATIONS_TO_RANK } from "../reports/comparison.ts";
import { isApart, type Group, type Row } from "../reports/groups.ts";
import type { ScenarioPart } from "../reports/model.ts";
import { significant } from "../units.ts";

/** The workload that the first sentence is about: the quickest to understand, if it was measured. */
export function headline(parts: readonly ScenarioPart[]): { part: ScenarioPart; group: Group } | null {
  const echo = parts.find(({ scenario }) => scenario === "echo") ?? parts[0];
  const hasRanks = ({ rows }: Group): boolean => rows.some(({ rank }) => rank !== null);
  const group =
    echo?.groups.find((one) => one.protocol === "tcp" && hasRanks(one)) ??
    echo?.groups.find(hasRanks) ??
    echo?.groups[0];
  return echo === undefined || group === undefined ? null : { part: echo, group };
}

/** Two or three sentences; what cannot be said is left out, and a workload without ranks says that it has none. */
export function verdictSentences({ scenario }: ScenarioPart, group: Group): string[] {
  const { connections } = group.rows[0]?.cell.parameters ?? {};
  const workload = workloadText({ scenario, protocol: group.protocol });
  const load = connections === undefined ? workload : `${connections} connections of ${workload}`;
  const where = `On this machine, for ${load},`;
  const first = group.rows.filter(({ rank }) => rank === "1" || rank === "1=");
  if (first.length === 0)
    return [`${where} no server has a rank: too few generations counted, or none was measured.`];
  const what =
    group.rankedBy === "p99 latency" ? "the lowest p99 latency" : `the most ${group.operations} per second`;
  const quantity = group.rankedBy === "p99 latency" ? "p99 latency" : "throughput";
  const sentences = [
    first.length === 1
      ? `${where} ${first[0]?.label} has ${what}.`
      : first.some((better, index) =>
            first.slice(index + 1).some((worse) => isApart(better, worse, quantity)),
          )
        ? `${where} ${named(first)} share the first rank for ${what}: not all of them can be told apart.`
        : `${where} ${named(first)} are tied for ${what}.`,
  ];
  const cheapest = cheapestOf(group.rows);
  const dearer = cheapest === null ? [] : costsOver(cheapest, group.rows);
  const most = dearer.at(-1);
  if (cheapest !== null && most !== undefined)
    sentences.push(
      `Per operation, ${most.row.label} costs ${most.text} times the CPU of ${cheapest.label}, which costs least.`,
    );
  return sentences;
}

function cheapestOf(rows: readonly Row[]): Row | null {
  const known = rows.filter(({ numbers, status }) => numbers?.serverCpuNs != null && status !== "not steady");
  const cost = ({ numbers }: Row): number => numbers?.serverCpuNs?.value ?? Number.POSITIVE_INFINITY;
  return known.toSorted((a, b) => cost(a) - cost(b))[0] ?? null;
}

/** Those that surely cost more than the cheapest, least first. */
function costsOver(cheapest: Row, rows: readonly Row[]): { row: Row; value: number; text: string }[] {
  return rows
    .flatMap((row) => {
      if (row === cheapest || row.numbers === null || row.status === "not steady") return [];
      const comparison = compare(cheapest.cell, row.cell, "server CPU");
      if (comparison === null || comparison.generations < GENERATIONS_TO_RANK) return [];
      const { value, low, high } = comparison.ratio;
      if (low <= 1) return [];
      return [{ row, value, text: `${significant(value)} [${significant(low)}–${significant(high)}]` }];
    })
    .toSorted((a, b) => a.value - b.value);
}

function named(rows: readonly Row[]): string {
  const labels = rows.map(({ label }) => label);
  return `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
}
