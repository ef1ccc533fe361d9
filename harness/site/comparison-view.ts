/** The comparison of two runs in HTML, for the page as it is built and for the one that a browser builds anew. */
import { htmlTable } from "../reports/html-table.ts";
import { type Markup, markup } from "../reports/markup.ts";
import { compareRuns, comparisonTable } from "../reports/run-comparison.ts";
import { differencesOf } from "../results/comparable.ts";
import type { Run } from "../results/run.ts";

export function comparisonView(base: Run, head: Run): Markup {
  const differences = differencesOf(base, head);
  const { workloads, leftOut } = compareRuns(base, head);
  const warning =
    differences.length === 0
      ? markup`<p class="quiet">Both were made under the same conditions.</p>`
      : markup`<div class="warning" role="note"><p><b>These runs were not made under the same conditions</b>, so what differs between them need not be the servers. They differ in:</p><ul>${differences.map((one) => markup`<li>${one}</li>`)}</ul></div>`;
  const parts = workloads.map(
    (workload) =>
      markup`<h3>${workload.title}</h3>${htmlTable("part", comparisonTable(workload), workload.title)}`,
  );
  const rest =
    leftOut.length === 0
      ? null
      : markup`<details><summary>Not compared: ${leftOut.length}</summary><ul class="prose">${leftOut.map((one) => markup`<li>${one}</li>`)}</ul></details>`;
  return markup`<h2>${head.id} over ${base.id}</h2>${warning}
${workloads.length === 0 ? markup`<p>They have no cell in common that both have numbers of.</p>` : parts}${rest}`;
}
