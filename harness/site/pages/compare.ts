/** Two runs beside each other. The script compares those in the address; without it, the two newest are compared here. */
import { htmlTable } from "../../reports/html-table.ts";
import { markup, type Markup } from "../../reports/markup.ts";
import { dateOf, fileNameOf, machineOf } from "../catalogue.ts";
import { comparisonView } from "../comparison-view.ts";
import type { Page } from "../page.ts";

export default {
  title: "Compare",
  place: 3,
  fileName: "compare.html",
  render: ({ runs }) => {
    const [head, base] = runs;
    const list = htmlTable(
      "part",
      {
        columns: ["run", "made", "machine"].map((title) => ({ title, unit: null, align: "left" as const })),
        rows: runs.map((run) =>
          [run.id, dateOf(run), machineOf(run)].map((text) => ({ text, detail: null })),
        ),
      },
      "Published runs",
    );
    const options: Markup[] = runs.map(
      (run) => markup`<option value="${fileNameOf(run)}">${run.id}, ${dateOf(run)}</option>`,
    );
    return markup`<h1>What changed between two runs?</h1>
<p class="lead">Runs are compared as they were measured, and as multiples of a baseline that both have, from which the machine's own speed cancels out. Two runs are never a verdict on a change: for that, both are measured in turn in one run, which is what the gate does.</p>
<form class="compare-form" aria-label="Which runs" hidden>
<label>base <select name="base">${options}</select></label>
<label>head <select name="head">${options}</select></label>
<button type="submit">Compare</button>
</form>
<div id="compared" aria-live="polite">${base === undefined || head === undefined ? markup`<p>There are fewer than two runs.</p>` : comparisonView(base, head)}</div>
<h2>Published runs</h2>
${list}`;
  },
} satisfies Page;
