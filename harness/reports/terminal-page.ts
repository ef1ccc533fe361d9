/** What is written on a terminal: lines as wide as it is, in colour where that is wanted, and tables that fit. */
import Table from "cli-table3";
import { styleText } from "node:util";
import type { Surface } from "./report-format.ts";
import { oneLine } from "./safe-text.ts";
import type { Column, TableCell, Table as TableModel } from "./tables.ts";

const NARROWEST = 40;
const GAP = 2;

export type Style = Parameters<typeof styleText>[0];

const STATUS_STYLES: Record<string, Style> = {
  ok: "green",
  "client-limited": "yellow",
  invalid: "red",
  failed: "red",
  unavailable: "gray",
  pending: "gray",
};

/** Writes lines for one surface. */
export class Page {
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

/** The table with these columns only. */
export function select({ columns, rows }: TableModel, chosen: readonly number[]): TableModel {
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

export function writeTable(page: Page, table: TableModel): void {
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
