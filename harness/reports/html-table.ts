/**
 * A table of the model as HTML. On a narrow screen style.ts turns its rows into cards, so every cell carries its
 * column's name; the roles keep it a table for screen readers, which its new display would otherwise undo.
 */
import { type Markup, markup } from "./markup.ts";
import type { Column, Table, TableCell } from "./tables.ts";
import { NOT_OBSERVED } from "../units.ts";

/** A group's main table, or one of its parts. `name` describes it for screen readers. */
export function htmlTable(kind: "main" | "part", { columns, rows }: Table, name: string): Markup {
  return markup`<table class="${kind}" role="table" aria-label="${name}">
<thead role="rowgroup"><tr role="row">${columns.map(header)}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => bodyRow(row, columns))}</tbody>
</table>`;
}

function header({ title, unit, align }: Column): Markup {
  return markup`<th role="columnheader" scope="col" class="${align}">${title}${unit === null ? null : markup`<small>${unit}</small>`}</th>`;
}

function bodyRow(row: readonly TableCell[], columns: readonly Column[]): Markup {
  const numbers = row.filter((_, index) => columns[index]?.align === "right");
  const isEmpty = numbers.length > 0 && numbers.every(({ text }) => text === NOT_OBSERVED);
  const server = row[columns.findIndex(({ title }) => title === "server")]?.text ?? "";
  return markup`<tr role="row" class="${isEmpty ? "empty" : ""}" data-server="${server}">${row.map((cell, index) => bodyCell(cell, columns[index] as Column))}</tr>
`;
}

function bodyCell({ text, detail }: TableCell, { title, unit, align, wide }: Column): Markup {
  const label = unit === null ? title : `${title}, ${unit}`;
  if (title === "verdict") {
    return markup`<td role="cell" class="verdict-cell" data-label=""><span class="status ${text}">${text}</span></td>`;
  }
  const kinds: Record<string, string> = {
    server: " server",
    "idle connections": " wide",
    "share of each shard": " long",
    "nearest to its limit": " long",
  };
  const kind = kinds[title] ?? (detail === null && !wide ? "" : " wide");
  return markup`<td role="cell" class="${align}${kind}" data-label="${label}"><span>${text}${detail === null ? null : markup` <small>${detail}</small>`}</span></td>`;
}
