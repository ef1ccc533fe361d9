/**
 * The tables of README.md and docs/ that hold measured figures. Each stands between two comments, `figures: NAME` and
 * `/figures`, and is made from a run alone, so that nobody types a figure.
 */
import { serverNode } from "../../harness/results/comparable.ts";
import { readConnections } from "../../harness/connection/record.ts";
import { CONNECTIONS_FILE } from "../../harness/project.ts";
import { lifeTable } from "../../harness/reports/connection-tables.ts";
import { groupCells, type Group, type Row } from "../../harness/reports/groups.ts";
import { coverageOf } from "../../harness/reports/coverage.ts";
import { idleCosts } from "../../harness/reports/idle-cost/idle-cost.ts";
import { table } from "../../harness/reports/markdown-table.ts";
import { repeatCommand } from "../../harness/reports/provenance.ts";
import { ratioCell, throughputCell, type TableCell } from "../../harness/reports/tables.ts";
import type { Run } from "../../harness/results/run.ts";
import { mean } from "../../harness/statistics/student.ts";
import { inUnit, NOT_OBSERVED, percentage, timeUnit } from "../../harness/units.ts";
import { millionTables } from "./million.ts";

/** Null for runs that have nothing of the block. `isolated` is the same bench with one server alive at a time. */
export const BLOCKS: Record<string, (run: Run, isolated: Run | null) => string | null> = {
  readme: echoTable,
  idle: idleTable,
  coverage: coverageTable,
  isolated: isolatedTable,
  connections: connectionsTable,
  million: millionTable,
};

/** These have one baseline, so that one column can be named after it. */
const SHOWN = new Set<string>(["tcp", "http"]);

function echoTable(run: Run): string | null {
  const cells = run.cells.filter(({ scenario }) => scenario === "echo");
  const groups = groupCells(cells, run.plan.baseline).filter(({ protocol }) => SHOWN.has(protocol));
  if (groups.length < 2) return null;
  const rows = groups.flatMap((group) =>
    group.rows.filter(({ status }) => status !== "unavailable").map((row) => echoRow(group, row)),
  );
  const [baseline] = groups.flatMap((group) => group.baseline ?? []);
  const columns = [
    ...["echo over", "rank", "server", "echoes/s [95 % interval]", "server CPU µs/op"],
    ...[`CPU ratio to ${baseline}`, "generator CPU µs/op", "p50 µs", "p99 µs"],
  ];
  return `${table({ columns: columns.map((title, place) => ({ title, unit: null, align: place < 3 && place !== 1 ? "left" : "right" })), rows })}\n\n${provenance(run, `Part of the output of \`${repeatCommand(run)}\` (echo over other protocols, and the other scenarios, are left out)`)}${underOtherEngines(groups)}`;
}

/** Where other load generators took part, what they saw: a reader who doubts ours can see whether they agree. */
function underOtherEngines(groups: readonly Group[]): string {
  const micro = timeUnit([50_000]);
  const rows = groups.flatMap((group) => group.rows.map((row) => ({ ...row, protocol: group.protocol })));
  const seen = rows.flatMap(({ protocol, label, cell }) =>
    cell.otherEngines.flatMap(({ engine, rounds }) => {
      const costs = rounds.flatMap(({ serverCpuNsPerRequest }) => serverCpuNsPerRequest ?? []);
      return costs.length === 0 ? [] : [{ protocol, engine, text: `${label} ${inUnit(mean(costs), micro)}` }];
    }),
  );
  return [...Map.groupBy(seen, ({ protocol, engine }) => `${engine} over ${protocol}`)]
    .map(
      ([what, all]) =>
        `\n\nServer CPU µs/op under ${what}, in the same run, each server alone, means over generations without an interval: ` +
        `${all.map(({ text }) => text).join(", ")}. It checks no answer.`,
    )
    .join("");
}

function echoRow({ protocol }: Group, { rank, label, numbers, status }: Row): TableCell[] {
  const micro = timeUnit([50_000]);
  const text = (value: string): TableCell => ({ text: value, detail: null });
  if (numbers === null)
    return [protocol, NOT_OBSERVED, label, status, ...Array<string>(5).fill(NOT_OBSERVED)].map(text);
  return [
    ...[protocol, rank ?? NOT_OBSERVED, label].map(text),
    throughputCell(numbers),
    text(inUnit(numbers.serverCpuNs?.value ?? null, micro)),
    ratioCell(numbers),
    text(inUnit(numbers.clientCpuNs?.value ?? null, micro)),
    text(inUnit(numbers.latencyNs?.p50 ?? null, micro)),
    text(inUnit(numbers.latencyNs?.p99 ?? null, micro)),
  ];
}

/** Servers of one process each; those of several are the million's. */
function idleTable(run: Run): string | null {
  if (run.plan.serverProcesses !== undefined) return null;
  const [cost] = idleCosts(run.cells);
  if (cost === undefined) return null;
  const findings = cost.findings.map((finding) => `- ${finding}`).join("\n");
  const origin = provenance(run, `Measured by \`${repeatCommand(run)}\``);
  return `${table(cost.costs)}\n\n${table(cost.growth)}\n\n${findings}\n\n${origin}`;
}

function millionTable(run: Run): string | null {
  const tables = millionTables(run);
  if (tables === null) return null;
  const processes = `${run.plan.serverProcesses} processes of each server on one port. `;
  return `${tables}\n\n${processes}${provenance(run, "Measured")}`;
}

function coverageTable(run: Run): string | null {
  const coverages = coverageOf(run);
  if (coverages.length === 0) return null;
  const ordered = run.plan.generations;
  const sentences = coverages.map(({ what, generations, spread, ratio, held }) => {
    const shares = held.map((one) => `${percentage(one.share)} of ${one.generations}`).join(", ");
    return (
      `Two identical servers (${what}) in ${generations} generations${generations < ordered ? ` of ${ordered}, of which the others broke a limit` : ""}: the geometric mean of their paired ratios is ` +
      `${ratio.toFixed(4)}, and single generations spread by ${percentage(spread)} around it (standard deviation of the ` +
      `logarithm). Of runs drawn from these generations, the 95 % interval holds 1 in ${shares} generations each.`
    );
  });
  return `${sentences.join("\n\n")} ${provenance(run, "Measured")}`;
}

/** Echoes only: what both runs have, in turn and alone. */
function isolatedTable(run: Run, isolated: Run | null): string | null {
  if (isolated === null || run.plan.isolated) return null;
  const echoes = ({ cells, plan }: Run): Group[] =>
    groupCells(
      cells.filter(({ scenario }) => scenario === "echo"),
      plan.baseline,
    );
  const alone = new Map(
    echoes(isolated).flatMap((group) =>
      group.rows.map((row) => [`${group.protocol} ${row.label}`, row] as const),
    ),
  );
  const micro = timeUnit([50_000]);
  const text = (value: string): TableCell => ({ text: value, detail: null });
  const rows = echoes(run).flatMap(({ protocol, rows: inTurn }) =>
    inTurn.flatMap(({ label, numbers }) => {
      const other = alone.get(`${protocol} ${label}`)?.numbers;
      if (numbers === null || other == null) return [];
      return [
        [
          ...[protocol, label].map(text),
          text(inUnit(numbers.serverCpuNs?.value ?? null, micro)),
          text(inUnit(other.serverCpuNs?.value ?? null, micro)),
          ratioCell(numbers),
          ratioCell(other),
        ],
      ];
    }),
  );
  const titles = [
    "echo over",
    "server",
    "CPU µs/op in turn",
    "CPU µs/op alone",
    "CPU ratio in turn",
    "CPU ratio alone",
  ];
  const columns = titles.map(
    (title, place) => ({ title, unit: null, align: place < 2 ? "left" : "right" }) as const,
  );
  return `${table({ columns: [...columns], rows })}\n\n${provenance(run, "In turn")} ${provenance(isolated, "Alone, with `--isolated`,")}`;
}

/** Not from a run, but from what `readymark connect --publish` has kept; null when that is nothing. */
function connectionsTable(): string | null {
  const record = readConnections(CONNECTIONS_FILE);
  if (record === null) return null;
  const { lives, machine, recordedAt } = record;
  return `${table(lifeTable(lives))}\n\nMeasured by \`connect\` on ${machine}, on ${recordedAt.slice(0, 10)}.`;
}

function calibratedText({ calibration, calibrationRemark }: Run["environment"]): string {
  if (calibration === null || calibrationRemark !== null)
    return "No calibration fits the load generator of that time.";
  return `The load generator was calibrated on ${calibration.startedAt.slice(0, 10)}.`;
}

/** The command with what was asked of it, so that a reader sees what took the time; the run has it to the letter. */
/** What a reader must know to compare the figures with others. */
function provenance({ id, environment, plan, finishedAt, startedAt }: Run, what: string): string {
  const { cpu, kernel, hypervisor, versions } = environment;
  const cpus = `${cpu.count} ${hypervisor === null ? "" : "virtual "}CPUs`;
  const spread = versions["uwebsockets"] === undefined ? "" : `, uWebSockets.js (${versions["uwebsockets"]})`;
  return (
    `${what} on ${cpu.model} (${cpus}, server on CPU ${plan.serverCpus.join(",")}, generator on CPU ` +
    `${plan.clientCpus.join(",")}), Linux ${kernel}, Node.js ${serverNode(environment)}${spread}, on ` +
    `${(finishedAt ?? startedAt).slice(0, 10)}: ${plan.generations} generations, ${plan.durationSeconds} s of each cell in ` +
    `each, seed ${plan.seed}, run ${id}. ${calibratedText(environment)}`
  );
}
