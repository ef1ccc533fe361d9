/** The report on a terminal: as wide as it is, in colour where that is wanted. */
import Table from "cli-table3";
import { styleText } from "node:util";
import type { Run } from "../../results/run.ts";
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
import {
  type Column,
  mainTable,
  shardTable,
  stageTable,
  type TableCell,
  type Table as TableModel,
} from "../tables.ts";

const DEFAULT_SURFACE: Surface = { columns: 100, colour: false };
const NARROWEST = 40;
const GAP = 2;

type Style = Parameters<typeof styleText>[0];

const STATUS_STYLES: Record<string, Style> = {
  ok: "green",
  "client-limited": "yellow",
  invalid: "red",
  failed: "red",
  unavailable: "gray",
  pending: "gray",
};

/** Writes lines for one surface. */
class Page {
  readonly #surface: Surface;
  readonly #lines: string[] = [];

  constructor(surface: Surface) {
    this.#surface = { ...surface, columns: Math.max(NARROWEST, surface.columns) };
  }

  get columns(): number {
    return this.#surface.columns;
  }

  style(style: Style | null, text: string): string {
    return this.#surface.colour && style !== null ? styleText(style, text, { validateStream: false }) : text;
  }

  line(text = ""): void {
    this.#lines.push(text);
  }

  heading(text: string): void {
    this.line();
    for (const part of wrap(oneLine(text), this.columns)) this.line(this.style("bold", part));
  }

  /** Wraps at the width; lines after the first start under the text, not under the marker. */
  paragraph(text: string, marker = ""): void {
    const room = this.columns - marker.length;
    for (const [index, part] of wrap(oneLine(text), room).entries()) {
      this.line(`${index === 0 ? marker : " ".repeat(marker.length)}${part}`);
    }
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }
}

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
  for (const group of groups) {
    page.heading(`${scenario} over ${group.protocol}${group.settings === "" ? "" : `: ${group.settings}`}`);
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

/**
 * Cuts a table that is wider than the terminal into several that are not, each with the servers' names, so that
 * nothing is left out.
 */
function fit(table: TableModel, columns: number): TableModel[] {
  const nameColumn = table.columns.findIndex(({ title }) => title === "server");
  const blocks: number[][] = [];
  for (const index of table.columns.keys()) {
    const block = blocks.at(-1);
    const extended = [...(block ?? []), index];
    if (block === undefined) blocks.push(extended);
    else if (width(select(table, extended)) <= columns) block.push(index);
    else blocks.push([nameColumn, index]);
  }
  return blocks.map((block) => select(table, block));
}

function select({ columns, rows }: TableModel, chosen: readonly number[]): TableModel {
  return {
    columns: chosen.map((index) => columns[index] as Column),
    rows: rows.map((row) => chosen.map((index) => row[index] as TableCell)),
  };
}

function width({ columns, rows }: TableModel): number {
  const widths = columns.map(({ title, unit }, index) =>
    Math.max(title.length, unit?.length ?? 0, ...rows.map((row) => cellText(row[index]).length)),
  );
  return widths.reduce((sum, one) => sum + one + GAP, -GAP);
}

function cellText(cell: TableCell | undefined): string {
  if (cell === undefined) return "";
  return oneLine(cell.detail === null ? cell.text : `${cell.text} ${cell.detail}`);
}

function writeTable(page: Page, table: TableModel): void {
  for (const [index, block] of fit(table, page.columns).entries()) {
    if (index > 0) page.line();
    printTable(page, block);
  }
}

function printTable(page: Page, { columns, rows }: TableModel): void {
  const hasUnits = columns.some(({ unit }) => unit !== null);
  const table = new Table({
    chars: { ...NO_BORDERS, middle: " ".repeat(GAP) },
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(columns.map(({ title }) => page.style("bold", title)));
  if (hasUnits) table.push(columns.map(({ unit }) => page.style("dim", unit ?? "")));
  for (const row of rows) {
    table.push(row.map((cell, index) => page.style(cellStyle(columns[index], cell), cellText(cell))));
  }
  for (const line of table.toString().split("\n")) page.line(line.trimEnd());
}

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
};

function cellStyle(column: Column | undefined, { text }: TableCell): Style | null {
  return column?.title === "verdict" ? (STATUS_STYLES[text] ?? null) : null;
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

/** A terminal is for the tables; what a reader looks up once stands in the files, which say it in full. */
function writeProvenance(page: Page, { environment, plan }: Run): void {
  const { cpu, kernel, versions, git } = environment;
  const source = git === null ? "" : `, commit ${git.commit.slice(0, 10)}${git.dirty ? " with changes" : ""}`;
  page.heading("Where this comes from");
  page.paragraph(
    `${cpu.model}, ${cpu.count} CPUs, Linux ${kernel}, Node.js ${versions["node"] ?? NOT_OBSERVED}${source}. ` +
      `${plan.generations} generations of ${plan.durationSeconds} s, seed ${plan.seed}, server on CPU ` +
      `${plan.serverCpus.join(",")}, generator on CPU ${plan.clientCpus.join(",")}. ` +
      `[a–b] is the 95 % interval over generations; 1= is a shared rank; – was not observed. ` +
      `report.md and report.html beside run.json have everything else, and say how to read it.`,
  );
}

/** Breaks between words; a word that is longer than a line is broken where the line ends. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((whole) => pieces(whole, room))) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function pieces(word: string, room: number): string[] {
  const count = Math.max(1, Math.ceil(word.length / room));
  return Array.from({ length: count }, (_, index) => word.slice(index * room, (index + 1) * room));
}

export default { name: "terminal", fileName: null, render } satisfies Report;
