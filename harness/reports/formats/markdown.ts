/** report.md: the whole report for a repository, a pull request or a chat. */
import { workloadText } from "../labels.ts";
import type { Run } from "../../results/run.ts";
import { table } from "../markdown-table.ts";
import { CHECKS_TITLE, checkTable } from "../check-table.ts";
import { otherEngines, OTHER_ENGINES_READING, OTHER_ENGINES_TITLE } from "../other-engines.ts";
import { rateCurves, rateTable } from "../rate-curves.ts";
import { capacityCurves } from "../capacity/capacity-curves.ts";
import { CAPACITY_IS, capacityTable, curveTable } from "../capacity/capacity-tables.ts";
import type { Group } from "../groups.ts";
import { buildModel, type ReportModel, type ScenarioPart, verdictLine } from "../model.ts";
import type { Problem } from "../problems.ts";
import type { Fact } from "../provenance.ts";
import { COSTS_TITLE, GROWTH_TITLE, type IdleCost } from "../idle-cost/idle-cost.ts";
import type { Report } from "../report-format.ts";
import { markdownCode, markdownText } from "../safe-text.ts";
import { SYSTEM_CALLS_READING, SYSTEM_CALLS_TITLE } from "../system-call-table.ts";
import { mainTable, shardTable, stageTable } from "../tables.ts";

function render(run: Run): string {
  const model = buildModel(run);
  const blocks = [
    `# ${markdownText(model.title)}`,
    markdownText(model.what),
    `**${markdownText(verdictLine(model))}**`,
    ...model.scenarios.flatMap(scenarioBlocks),
    ...model.idleCosts.flatMap(idleCostBlocks),
    ...systemCallBlocks(model),
    ...problemBlocks(model.problems),
    ...section("Warnings", list(model.warnings)),
    ...section("How to read this", list(model.howToRead)),
    ...section("Machine", facts(model.environment)),
    ...section("Plan", facts(model.plan)),
    ...repeatBlocks(model),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function scenarioBlocks({ scenario, groups }: ScenarioPart): string[] {
  return [
    ...rateCurves(groups).flatMap((curves) => [
      `## ${markdownText(`Latency by offered rate: ${scenario} over ${curves.title}`)}`,
      table(rateTable(curves)),
    ]),
    ...groups.flatMap((group) => [
      `## ${markdownText(workloadText({ scenario, protocol: group.protocol }))}`,
      ...groupBlocks(group),
    ]),
  ];
}

function groupBlocks(group: Group): string[] {
  const settings = group.settings === "" ? "" : `${sentence(group.settings)} `;
  const stages = stageTable(group);
  const shards = shardTable(group);
  const checks = checkTable(group);
  return [
    markdownText(`${settings}${group.loopNote} Ranked by ${group.rankedBy}.`),
    table(mainTable(group)),
    ...capacityBlocks(group),
    ...otherEngineBlocks(group),
    ...(stages === null ? [] : ["Parts of an operation:", table(stages)]),
    ...(shards === null ? [] : ["Connections per shard:", table(shards)]),
    ...(checks === null ? [] : [folded(CHECKS_TITLE, table(checks))]),
  ];
}

function folded(summary: string, body: string): string {
  return `<details>\n<summary>${markdownText(summary)}</summary>\n\n${body}\n\n</details>`;
}

function capacityBlocks(group: Group): string[] {
  const found = capacityCurves(group);
  if (found === null) return [];
  return [
    markdownText(CAPACITY_IS),
    table(capacityTable(found, group.operations)),
    "Latency by offered rate:",
    table(curveTable(found, group.operations)),
  ];
}

function otherEngineBlocks(group: Group): string[] {
  const found = otherEngines(group);
  if (found === null) return [];
  return [`${OTHER_ENGINES_TITLE}. ${OTHER_ENGINES_READING}`, table(found.table), list(found.notes)];
}

function idleCostBlocks({ settings, findings, costs, growth }: IdleCost): string[] {
  return [
    `## ${markdownText(`The cost of idle connections: ${settings}`)}`,
    ...(findings.length === 0 ? [] : [list(findings)]),
    markdownText(COSTS_TITLE),
    table(costs),
    markdownText(GROWTH_TITLE),
    table(growth),
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function problemBlocks(problems: readonly Problem[]): string[] {
  const blocks = problems.flatMap(({ server, status, where, reason, stderr }) => [
    `**${markdownText(server)}: ${status}** (${markdownText(where.join(", "))}). ${markdownText(reason)}`,
    ...(stderr.length === 0 ? [] : ["Last lines of its stderr:", markdownCode(stderr)]),
  ]);
  return section("Cells without a full number", blocks.join("\n\n"));
}

function systemCallBlocks({ systemCalls: { parts, missing } }: ReportModel): string[] {
  const blocks = parts.flatMap((part) => [markdownText(`${sentence(part.title)}`), table(part.table)]);
  const notes = missing.length === 0 ? [] : [list(missing)];
  const reading = parts.length === 0 ? [] : [markdownText(SYSTEM_CALLS_READING)];
  return section(SYSTEM_CALLS_TITLE, [...reading, ...blocks, ...notes].join("\n\n"));
}

function section(title: string, body: string): string[] {
  return body === "" ? [] : [`## ${title}`, body];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${markdownText(item)}`).join("\n");
}

function facts(items: readonly Fact[]): string {
  const rows = items.map(
    ({ name, values }) => `| ${markdownText(name)} | ${values.map(markdownText).join("<br>")} |`,
  );
  return ["| | |", "| :--- | :--- |", ...rows].join("\n");
}

function repeatBlocks({ command }: ReportModel): string[] {
  return ["To measure the same again:", markdownCode([command]).replace("text\n", "sh\n")];
}

export default { name: "markdown", fileName: "report.md", render } satisfies Report;
