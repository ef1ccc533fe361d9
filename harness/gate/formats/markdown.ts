/** gate.md: a gate as the summary of a CI job or a comment on a change, with the verdict in the first line. */
import { table } from "../../reports/markdown-table.ts";
import { markdownText } from "../../reports/safe-text.ts";
import type { GateCell, GateRecord } from "../../results/gate.ts";
import type { GateFormat } from "../gate-format.ts";
import { cellTable, cellTitle, remarksOf, verdictText, whatText } from "../text.ts";

/** GitHub refuses a comment of 65,536 bytes. What does not fit is in gate.json, and the comment says so. */
const MOST_BYTES = 65_000;
/** Reasons come from servers and may be of any length. */
const MOST_CHARACTERS = 2000;

function render(record: GateRecord): string {
  const head = [`**${short(verdictText(record))}**`, short(whatText(record))];
  const tail = listed(remarksOf(record).map(short));
  const fits = (cells: readonly string[]): boolean =>
    Buffer.byteLength(joined([...head, ...cells, omitted(record.cells.length), ...tail])) <= MOST_BYTES;
  const cells: string[] = [];
  for (const cell of worstFirst(record.cells)) {
    const part = `### ${markdownText(cellTitle(cell))}\n\n${table(cellTable(cell, record.margins))}`;
    if (!fits([...cells, part])) break;
    cells.push(part);
  }
  const left = record.cells.length - cells.length;
  return joined([...head, ...cells, ...(left === 0 ? [] : [omitted(left)]), ...tail]);
}

function joined(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}

function omitted(cells: number): string {
  return `${cells} more ${cells === 1 ? "cell is" : "cells are"} in gate.json.`;
}

/** As many remarks as a fifth of the space holds. */
function listed(remarks: readonly string[]): string[] {
  const lines: string[] = [];
  for (const remark of remarks) {
    if (Buffer.byteLength([...lines, remark].join("\n")) > MOST_BYTES / 5) break;
    lines.push(`- ${remark}`);
  }
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function short(text: string): string {
  const whole = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return markdownText(whole);
}

function worstFirst(cells: readonly GateCell[]): GateCell[] {
  const estimateOf = (cell: GateCell): number =>
    Math.max(...cell.pairs.head.map(({ look }) => look?.estimate ?? Number.NEGATIVE_INFINITY));
  return cells.toSorted((a, b) => estimateOf(b) - estimateOf(a));
}

export default { name: "markdown", fileName: "gate.md", render } satisfies GateFormat;
