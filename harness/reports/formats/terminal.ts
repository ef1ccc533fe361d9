/** The report on a terminal: as wide as it is, in colour where that is wanted. */
import { workloadText } from "../labels.ts";
import { serverNode } from "../../results/comparable.ts";
import type { Run } from "../../results/run.ts";
import { otherEngines, OTHER_ENGINES_READING, OTHER_ENGINES_TITLE } from "../other-engines.ts";
import { rateCurves, rateTable } from "../rate-curves.ts";
import { capacityCurves } from "../capacity/capacity-curves.ts";
import { CAPACITY_IS, capacityTable } from "../capacity/capacity-tables.ts";
import type { Group } from "../groups.ts";
import { buildModel, type ReportModel, type ScenarioPart, verdictLine } from "../model.ts";
import type { Problem } from "../problems.ts";
import { COSTS_TITLE, GROWTH_TITLE, type IdleCost } from "../idle-cost/idle-cost.ts";
import type { Report, Surface } from "../report-format.ts";
import { oneLine } from "../safe-text.ts";
import { SYSTEM_CALLS_READING, SYSTEM_CALLS_TITLE } from "../system-call-table.ts";
import { NOT_OBSERVED } from "../../units.ts";
import { mainTable, shardTable, stageTable, type Table as TableModel } from "../tables.ts";
import { Page, select, type Style, writeTable } from "../terminal-page.ts";

const DEFAULT_SURFACE: Surface = { columns: 100, colour: false };

function render(run: Run, surface: Surface = DEFAULT_SURFACE): string {
  const model = buildModel(run);
  const page = new Page(surface);
  page.line(page.style("bold", oneLine(model.title)));
  page.paragraph(model.what);
  page.line(page.style(verdictStyle(model), verdictLine(model)));
  for (const part of model.scenarios) writeScenario(page, part);
  for (const cost of model.idleCosts) writeIdleCost(page, cost);
  writeSystemCalls(page, model);
  writeProblems(page, model.problems);
  writeList(page, "Warnings", model.warnings);
  writeProvenance(page, run);
  page.heading("To measure the same again");
  // The command stays on one line, so that it can be copied whole.
  page.line(oneLine(model.command));
  return page.toString();
}

function verdictStyle({ verdict }: ReportModel): Style {
  return verdict.some(({ status }) => status === "failed" || status === "invalid") ? "red" : "green";
}

function writeScenario(page: Page, { scenario, groups }: ScenarioPart): void {
  for (const curves of rateCurves(groups)) {
    page.heading(`Latency by offered rate: ${scenario} over ${curves.title}`);
    writeTable(page, rateTable(curves));
  }
  for (const group of groups) {
    page.heading(
      `${workloadText({ scenario, protocol: group.protocol })}${group.settings === "" ? "" : `: ${group.settings}`}`,
    );
    page.paragraph(`${group.loopNote} Ranked by ${group.rankedBy}.`);
    writeGroup(page, group);
  }
}

function writeIdleCost(page: Page, { settings, findings, costs, growth }: IdleCost): void {
  page.heading(`The cost of idle connections: ${settings}`);
  for (const finding of findings) page.paragraph(finding, "- ");
  page.line();
  page.paragraph(COSTS_TITLE);
  writeTable(page, costs);
  page.line();
  page.paragraph(GROWTH_TITLE);
  writeTable(page, growth);
}

function writeGroup(page: Page, group: Group): void {
  writeTable(page, primary(mainTable(group)));
  const found = capacityCurves(group);
  if (found !== null) {
    page.line();
    page.paragraph(CAPACITY_IS);
    writeTable(page, capacityTable(found, group.operations));
  }
  const others = otherEngines(group);
  if (others !== null) {
    page.line();
    page.paragraph(`${OTHER_ENGINES_TITLE}. ${OTHER_ENGINES_READING}`);
    writeTable(page, others.table);
    for (const note of others.notes) page.paragraph(note, "- ");
  }
  for (const [title, part] of [
    ["Parts of an operation", stageTable(group)],
    ["Connections per shard", shardTable(group)],
  ] as const) {
    if (part === null) continue;
    page.line();
    page.line(`${title}:`);
    writeTable(page, part);
  }
}

/** Without the columns that a terminal leaves to the files. */
function primary(table: TableModel): TableModel {
  const kept = [...table.columns.keys()].filter((index) => !table.columns[index]?.secondary);
  return select(table, kept);
}

function writeSystemCalls(page: Page, { systemCalls: { parts, missing } }: ReportModel): void {
  if (parts.length === 0 && missing.length === 0) return;
  page.heading(SYSTEM_CALLS_TITLE);
  if (parts.length > 0) page.paragraph(SYSTEM_CALLS_READING);
  for (const { title, table } of parts) {
    page.line();
    page.paragraph(`${title}:`);
    writeTable(page, table);
  }
  if (parts.length > 0 && missing.length > 0) page.line();
  for (const sentence of missing) page.paragraph(sentence, "- ");
}

function writeProblems(page: Page, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  page.heading("Cells without a full number");
  for (const { server, status, where, reason, stderr } of problems) {
    page.paragraph(`${server}: ${status} (${where.join(", ")}). ${reason}`, "- ");
    for (const line of stderr) page.line(page.style("dim", `    ${oneLine(line)}`));
  }
}

function writeList(page: Page, title: string, items: readonly string[]): void {
  if (items.length === 0) return;
  page.heading(title);
  for (const item of items) page.paragraph(item, "- ");
}

function cpusOf({ serverCpus, clientCpus }: Run["plan"]): string {
  if (clientCpus.length === 0) return `on CPU ${serverCpus.join(",")}`;
  return `server on CPU ${serverCpus.join(",")}, generator on CPU ${clientCpus.join(",")}`;
}

/** A terminal is for the tables; what a reader looks up once stands in the files, which say it in full. */
function writeProvenance(page: Page, { environment, plan }: Run): void {
  const { cpu, kernel, git } = environment;
  const source = git === null ? "" : `, commit ${git.commit.slice(0, 10)}${git.dirty ? " with changes" : ""}`;
  page.heading("Where this comes from");
  page.paragraph(
    `${cpu.model}, ${cpu.count} CPUs, Linux ${kernel}, Node.js ${serverNode(environment) ?? NOT_OBSERVED}${source}. ` +
      `${plan.generations} generations of ${plan.durationSeconds} s, seed ${plan.seed}, ${cpusOf(plan)}. ` +
      `[a–b] is the 95 % interval over generations; 1= is a shared rank; – was not observed. ` +
      `report.md and report.html beside run.json have everything else, and say how to read it.`,
  );
}

export default { name: "terminal", fileName: null, render } satisfies Report;
