/** `readymark compare`: two runs of the same workloads, cell by cell. */
import { Failure } from "../../harness/failure.ts";
import { table } from "../../harness/reports/markdown-table.ts";
import { compareRuns, comparisonTable, type RunComparison } from "../../harness/reports/run-comparison.ts";
import { markdownText, oneLine } from "../../harness/reports/safe-text.ts";
import { Page, writeTable } from "../../harness/reports/terminal-page.ts";
import { differencesOf } from "../../harness/results/comparable.ts";
import { readRun, resolveRun } from "../../harness/results/store.ts";
import { unknownName } from "../../harness/unknown-name.ts";
import { parseOptions, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s readymark -- compare BASE HEAD [--baseline SERVER] [--anyway]
                                        [--format terminal|markdown|json]

BASE and HEAD are ids of results/runs, runs' folders, or the paths of their run.json. Each server is compared as it was
measured, and as a multiple of what SERVER had in the same generation (default: node-net), because a machine is not equally
fast in two runs. Two runs are never a verdict on a change: measure both in one run for that.

  --anyway   compare runs that were made on different machines, runtimes or CPUs, and say so
`;

const NOTE =
  "The interval [a–b] is 95 %, over generations. What a machine's speed did to all servers alike cancels out of the " +
  "multiples, so the last two columns tell servers apart: a tie is an interval that holds 1.";

const FORMATS: Record<string, (comparison: RunComparison, remarks: readonly string[]) => string> = {
  terminal,
  markdown,
  json: (comparison, remarks) => `${JSON.stringify({ ...comparison, remarks }, null, 2)}\n`,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    {
      format: { type: "string", default: "terminal" },
      baseline: { type: "string" },
      anyway: { type: "boolean", default: false },
    },
    argv,
    { name: "HEAD", most: 2 },
  );
  const [base, head] = positionals;
  if (base === undefined || head === undefined)
    throw new Failure(2, "compare needs a BASE and a HEAD: two ids of results/runs, or paths.");
  const format = FORMATS[values.format];
  if (format === undefined) throw unknownName("format", values.format, Object.keys(FORMATS));
  const [before, after] = [readRun(resolveRun(base)), readRun(resolveRun(head))];
  const differences = differencesOf(before, after);
  if (differences.length > 0 && !values.anyway)
    throw new Failure(
      4,
      `These runs were not made under the same conditions: ${differences.join("; ")}. ` +
        "Measure both again on one machine, or add --anyway to compare them all the same.",
    );
  const comparison = compareRuns(before, after, values.baseline ?? null);
  if (comparison.workloads.length === 0)
    throw new Failure(
      2,
      `${before.id} and ${after.id} have no cell in common that both have full numbers of.`,
    );
  const remarks = [
    ...differences.map((difference) => `The runs differ in ${difference}.`),
    ...comparison.leftOut.map((cell) => `Not compared: ${cell}.`),
  ];
  process.stdout.write(format(comparison, remarks));
  return 0;
}

function terminal(comparison: RunComparison, remarks: readonly string[]): string {
  const page = new Page({
    columns: process.stdout.columns ?? 120,
    colour: process.stdout.hasColors?.() ?? false,
  });
  page.line(page.style("bold", oneLine(titleOf(comparison))));
  page.paragraph(NOTE);
  for (const workload of comparison.workloads) {
    page.heading(workload.title);
    writeTable(page, comparisonTable(workload));
  }
  if (remarks.length > 0) page.line();
  for (const remark of remarks) page.paragraph(remark, "- ");
  return page.toString();
}

function markdown(comparison: RunComparison, remarks: readonly string[]): string {
  const parts = comparison.workloads.map(
    (workload) => `## ${markdownText(workload.title)}\n\n${table(comparisonTable(workload))}`,
  );
  const list = remarks.map((remark) => `- ${markdownText(remark)}`).join("\n");
  return `${[`# ${markdownText(titleOf(comparison))}`, NOTE, ...parts, list].filter((part) => part !== "").join("\n\n")}\n`;
}

function titleOf({ base, head }: RunComparison): string {
  return `readymark compare: ${head} over ${base}`;
}

export default {
  name: "compare",
  summary: "compare two runs, cell by cell",
  help: HELP,
  run,
} satisfies Command;
