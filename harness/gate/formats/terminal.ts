/** A gate for people at a terminal: the verdict first. */
import { Page, writeTable } from "../../reports/terminal-page.ts";
import type { GateFormat } from "../gate-format.ts";
import { cellTable, cellTitle, remarksOf, verdictText, whatText } from "../text.ts";

export default {
  name: "terminal",
  fileName: null,
  render: (record, surface) => {
    const page = new Page(surface);
    page.paragraph(verdictText(record));
    page.paragraph(whatText(record));
    for (const cell of record.cells) {
      page.heading(cellTitle(cell));
      writeTable(page, cellTable(cell, record.margins));
    }
    page.line();
    for (const remark of remarksOf(record)) page.paragraph(remark, "- ");
    return page.toString();
  },
} satisfies GateFormat;
