/**
 * report.html: one file that asks the network for nothing and runs no script, so it can be mailed, archived and opened
 * anywhere. Its own policy forbids both, should untrusted text ever get past the escaping.
 */
import type { Run } from "../../results/run.ts";
import { assignLooks } from "../charts/series.ts";
import {
  factSection,
  idleCostSection,
  listSection,
  problemSection,
  scenarioSection,
  systemCallSection,
  verdictList,
} from "../html-sections.ts";
import { htmlDocument } from "../html-document.ts";
import { Markup, markup } from "../markup.ts";
import { buildModel } from "../model.ts";
import type { Report } from "../report-format.ts";
import { STYLE } from "../style.ts";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

function render(run: Run): string {
  const model = buildModel(run);
  const looks = assignLooks(run.cells);
  const body = markup`<body>
<header>
<h1>${model.title}</h1>
<p class="quiet">${model.what}</p>
${verdictList(model)}
</header>
<main>
${model.scenarios.map((part, index) => scenarioSection(part, index, looks))}
${idleCostSection(model.idleCosts, looks)}
${systemCallSection(model)}
${problemSection(model.problems)}
${listSection("Warnings", model.warnings)}
${listSection("How to read this", model.howToRead)}
${factSection("Machine", model.environment)}
${factSection("Plan", model.plan)}
<h3>To measure the same again</h3>
<pre>${model.command}</pre>
</main>
</body>`;
  const head = markup`<style>${new Markup(STYLE)}</style>`;
  return htmlDocument({ title: model.title, policy: POLICY, head, body });
}

export default { name: "html", fileName: "report.html", render } satisfies Report;
