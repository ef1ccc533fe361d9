/** Why the numbers may be believed, and how to get them again: machine, verdicts, calibration, seeds, commands, downloads. */
import { factSection } from "../../reports/html-sections.ts";
import { htmlTable } from "../../reports/html-table.ts";
import { type Markup, markup } from "../../reports/markup.ts";
import { buildModel, verdictLine } from "../../reports/model.ts";
import { repeatCommand } from "../../reports/provenance.ts";
import { plain } from "../../reports/tables.ts";
import type { Cell, Run } from "../../results/run.ts";
import { serverName } from "../../results/server-name.ts";
import { proofBadges, proofTables } from "../../proof/summary.ts";
import { dateOf, fileNameOf } from "../catalogue.ts";
import type { Page, Site } from "../page.ts";

export default {
  title: "Trust",
  place: 8,
  fileName: "trust.html",
  render: (site) => markup`<h1>Why should you believe this?</h1>
<p class="lead">Do not: measure it again. Each run below has the command that repeats it, with its seed, and each cell has its own.</p>
${proofSection(site)}
${site.runs.map(runSection)}`,
} satisfies Page;

function proofSection({ trials }: Site): Markup {
  if (trials.length === 0)
    return markup`<section><h2>How often the gate errs</h2><p>Not published yet: <code>npm run gate:prove</code> finds out.</p></section>`;
  return markup`<section><h2>How often the gate errs</h2>
<p>Whole gates on real servers whose right verdict was known, with exact 95 % intervals.</p>
<ul class="badges">${proofBadges(trials).map(({ label, value }) => markup`<li><span>${label}</span><span>${value}</span></li>`)}</ul>
${proofTables(trials).map(({ title, table }) => markup`<h3>${title}</h3>${htmlTable("part", table, title)}`)}</section>`;
}

function runSection(run: Run): Markup {
  const model = buildModel(run);
  const { calibration } = run.environment;
  const name = fileNameOf(run);
  return markup`<section id="${name}"><h2>Run ${run.id}</h2>
<p>${dateOf(run)}: ${verdictLine(model)}. Load generator: calibration ${calibration?.verdict ?? "not there"}. Seed ${run.plan.seed}.</p>
<p>Downloads: <a href="data/${name}/run.json" download>run.json</a>, <a href="data/${name}/summary.csv" download>summary.csv</a>, <a href="data/${name}/latency.hlog" download>latency.hlog</a> (HdrHistogram log).</p>
<h3>To measure the same again</h3>
<pre tabindex="0">${model.command}</pre>
${factSection("Machine", model.environment)}
${factSection("Plan", model.plan)}
<details><summary>The command of each cell</summary>${cellCommands(run)}</details></section>`;
}

function cellCommands(run: Run): Markup {
  const rows = run.cells.map((cell: Cell) => [
    plain(serverName(cell)),
    plain(cell.id),
    plain(repeatCommand({ ...run, cells: [cell] })),
  ]);
  const columns = ["server", "cell", "command"].map((title) => ({
    title,
    unit: null,
    align: "left" as const,
  }));
  return htmlTable("part", { columns, rows }, `Commands of run ${run.id}`);
}
