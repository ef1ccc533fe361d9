/**
 * report.html: one file that asks the network for nothing and runs no script, so it can be mailed, archived and opened
 * anywhere. Its own policy forbids both, should foreign text ever get past the escaping.
 */
import type { Run } from "../../results/run.ts";
import { cpuChart } from "../charts/cpu.ts";
import { assignLooks, type Looks } from "../charts/series.ts";
import { shardChart } from "../charts/shards.ts";
import { curvesOf, spectrumChart } from "../charts/spectrum.ts";
import { throughputChart } from "../charts/throughput.ts";
import type { Group } from "../groups.ts";
import { htmlTable } from "../html-table.ts";
import { Markup, markup } from "../markup.ts";
import { buildModel, type ReportModel, type ScenarioPart } from "../model.ts";
import type { Problem } from "../problems.ts";
import type { Fact } from "../provenance.ts";
import type { Readiness } from "../readiness.ts";
import type { Report } from "../report.ts";
import { STYLE } from "../style.ts";
import { SYSTEM_CALLS_READING, SYSTEM_CALLS_TITLE } from "../system-calls.ts";
import { mainTable, percentileTable, shardTable, stageTable } from "../tables.ts";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

function render(run: Run): string {
  const model = buildModel(run);
  const looks = assignLooks(run.cells);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${model.title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${model.title}</h1>
<p class="quiet">${model.what}</p>
${verdict(model)}
</header>
<main>
${model.scenarios.map((part, index) => scenarioSection(part, index, looks))}
${model.readiness.map(readinessSection)}
${systemCallSection(model)}
${problemSection(model.problems)}
${listSection("Warnings", model.warnings)}
${listSection("How to read this", model.howToRead)}
${factSection("Machine", model.environment)}
${factSection("Plan", model.plan)}
<h3>To measure the same again</h3>
<pre>${model.command}</pre>
</main>
</body>
</html>
`;
  return page.text;
}

function verdict({ verdict }: ReportModel): Markup {
  const items = verdict.map(
    ({ status, count, detail }) =>
      markup`<li class="status ${status}"><b>${count}</b>${status}${detail === null ? null : markup` <span class="quiet">(${detail})</span>`}</li>`,
  );
  return markup`<ul class="verdict" aria-label="How the cells ended">${items}</ul>`;
}

function scenarioSection(part: ScenarioPart, index: number, looks: Looks): Markup {
  const id = `s${index}`;
  const chart = throughputChart(`${id}-throughput`, part, looks);
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${part.scenario}</h2>
<p class="quiet">${part.groups[0]?.loopNote ?? ""}</p>
${chart === null ? null : figure(`Throughput, ${part.operations} per second`, "Median over rounds, with the 95 % interval.", chart)}
${part.groups.map((group, place) => groupSection(part, group, `${id}g${place}`, looks))}
</section>`;
}

function groupSection({ scenario }: ScenarioPart, group: Group, id: string, looks: Looks): Markup {
  const name = `${scenario} over ${group.protocol}${group.settings === "" ? "" : `, ${group.settings}`}`;
  const curves = curvesOf(group);
  const spectrum = spectrumChart(`${id}-latency`, curves, name, looks);
  const cpu = cpuChart(`${id}-cpu`, group, name, looks);
  const shards = shardChart(`${id}-shards`, group, name, looks);
  const stages = stageTable(group);
  const shares = shardTable(group);
  return markup`<h3>${scenario} over ${group.protocol}</h3>
<p class="quiet">${group.settings === "" ? "" : `${group.settings}; `}ranked by ${group.rankedBy}; latency: ${LATENCY_MEANING[group.loop]}</p>
${htmlTable("main", mainTable(group), name)}
${stages === null ? null : markup`<h4 class="after">Parts of an operation</h4>${htmlTable("part", stages, `Parts of an operation, ${name}`)}`}
<div class="pair">
${spectrum === null ? null : figure(`Latency by percentile, ${group.protocol}`, `${LATENCY_MEANING[group.loop]}; lower is better, log scale.`, spectrum, details("Percentiles as a table", htmlTable("part", percentileTable(group), `Percentiles, ${name}`)))}
${cpu === null ? null : figure(`CPU time per operation, ${group.protocol}`, cpuKey(group), cpu)}
${shards === null || shares === null ? null : figure(`Connections per shard, ${group.protocol}`, "Smallest and largest share at the right.", shards, details("Shares as a table", htmlTable("part", shares, `Connections per shard, ${name}`)))}
</div>`;
}

const LATENCY_MEANING = {
  closed: "closed loop, service time",
  open: "open loop, from the intended send time",
  churn: "churn, from connect to closed",
} as const;

function cpuKey({ rows }: Group): Markup {
  const hasGenerator = rows.some(({ numbers }) => numbers?.clientCpuNs);
  const generator = hasGenerator ? markup` <span class="key grey"></span>load generator` : null;
  const isSplitUnknown = rows.some(({ numbers }) => numbers?.serverCpuNs && numbers.userShare === null);
  const unknown = isSplitUnknown ? markup` <span class="key hollow"></span>split not known` : null;
  return markup`<span class="key"></span>server, user mode <span class="key light"></span>system mode${unknown}${generator}`;
}

function figure(title: string, hint: string | Markup, chart: Markup, after: Markup | null = null): Markup {
  return markup`<figure><h4>${title}</h4><p class="hint">${hint}</p>${chart}${after}</figure>`;
}

function details(summary: string, content: Markup): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}

function readinessSection({ settings, table, findings }: Readiness): Markup {
  return markup`<section><h2>The effect of readiness</h2>
<p class="quiet">${settings}; server CPU per echo beside silent connections, and the slope of log cost on log crowd</p>
${htmlTable("main", table, `The effect of readiness, ${settings}`)}
<ul class="prose">${findings.map((finding) => markup`<li>${finding}</li>`)}</ul></section>`;
}

function systemCallSection({ systemCalls: { parts, missing } }: ReportModel): Markup | null {
  if (parts.length === 0 && missing.length === 0) return null;
  return markup`<section><h2>${SYSTEM_CALLS_TITLE}</h2>
${parts.length === 0 ? null : markup`<p class="quiet">${SYSTEM_CALLS_READING}</p>`}
${parts.map(({ title, table }) => markup`<h4 class="after">${title}</h4>${htmlTable("part", table, `${SYSTEM_CALLS_TITLE}, ${title}`)}`)}
${missing.length === 0 ? null : markup`<ul class="prose">${missing.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`}</section>`;
}

function problemSection(problems: readonly Problem[]): Markup | null {
  if (problems.length === 0) return null;
  const items = problems.map(
    ({ server, status, where, reason, stderr }) => markup`<div class="problem">
<p><b>${server}</b> <span class="status ${status}">${status}</span> <span class="quiet">${where.join(", ")}</span></p>
<p>${reason}</p>
${stderr.length === 0 ? null : markup`<pre aria-label="last lines of stderr">${stderr.join("\n")}</pre>`}
</div>`,
  );
  return markup`<section><h2>Cells without a full number</h2>${items}</section>`;
}

function listSection(title: string, items: readonly string[]): Markup | null {
  if (items.length === 0) return null;
  return markup`<section><h2>${title}</h2><ul class="prose">${items.map((item) => markup`<li>${item}</li>`)}</ul></section>`;
}

function factSection(title: string, facts: readonly Fact[]): Markup {
  const entries = facts.map(
    ({ name, values }) =>
      markup`<dt>${name}</dt><dd>${values.map((value) => markup`<div>${value}</div>`)}</dd>`,
  );
  return markup`<section><h2>${title}</h2><dl>${entries}</dl></section>`;
}

export default { name: "html", fileName: "report.html", render } satisfies Report;
