/** A table in Markdown. */
import { markdownText } from "./safe-text.ts";
import type { Table } from "./tables.ts";

export function table({ columns, rows }: Table): string {
  const head = columns.map(({ title, unit }) => markdownText(unit === null ? title : `${title} (${unit})`));
  const rule = columns.map(({ align }) => (align === "right" ? "---:" : ":---"));
  const body = rows.map((row) =>
    row.map(({ text, detail }) => markdownText(detail === null ? text : `${text} ${detail}`)),
  );
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
