/** The parts of a report in HTML, for the report of one run and for the published site. */
import { workloadText } from "./labels.ts";
import { objectiveText, percentileName } from "../results/objective.ts";
import { capacityCurves } from "./capacity/capacity-curves.ts";
import { CAPACITY_IS, capacityTable, curveTable } from "./capacity/capacity-tables.ts";
import { rateChart } from "./charts/rate-chart.ts";
import { cpuChart } from "./charts/cpu-chart.ts";
import { idleCostChart } from "./charts/idle-cost-chart.ts";
import type { Looks } from "./charts/series.ts";
import { shardChart } from "./charts/shard-chart.ts";
import { curvesOf, spectrumChart } from "./charts/spectrum-chart.ts";
import { throughputChart } from "./charts/throughput-chart.ts";
import { timelineChart } from "./charts/timeline-chart.ts";
import { CHECKS_TITLE, checkTable } from "./check-table.ts";
import type { Group } from "./groups.ts";
import { htmlTable } from "./html-table.ts";
import { type Markup, markup } from "./markup.ts";
import { otherEngines, OTHER_ENGINES_READING, OTHER_ENGINES_TITLE } from "./other-engines.ts";
import type { ReportModel, ScenarioPart } from "./model.ts";
import type { Problem } from "./problems.ts";
import type { Fact } from "./provenance.ts";
import { COSTS_TITLE, GROWTH_TITLE, type IdleCost } from "./idle-cost/idle-cost.ts";
import type { IdleCostLines } from "./idle-cost/idle-cost-lines.ts";
import { SYSTEM_CALLS_READING, SYSTEM_CALLS_TITLE } from "./system-call-table.ts";
import { hasNoLatency, rateCurves, rateTable, type RateCurves } from "./rate-curves.ts";
import { mainTable, percentileTable, shardTable, stageTable } from "./tables.ts";

export function verdictList({ verdict }: ReportModel): Markup {
  const items = verdict.map(
    ({ status, count, detail }) =>
      markup`<li class="status ${status}"><b>${count}</b>${status}${detail === null ? null : markup` <span class="quiet">(${detail})</span>`}</li>`,
  );
  return markup`<ul class="verdict" aria-label="How the cells ended">${items}</ul>`;
}

/** With `isBrief`, without what matters only when a verdict is doubted: it is half of a page. */
export function scenarioSection(
  part: ScenarioPart,
  index: number,
  looks: Looks,
  { isBrief = false }: { isBrief?: boolean } = {},
): Markup {
  const id = `s${index}`;
  const chart = throughputChart(`${id}-throughput`, part, looks);
  return markup`<section class="scenario" aria-labelledby="${id}">
<h2 id="${id}">${part.scenario}</h2>
<p class="quiet">${part.groups[0]?.loopNote ?? ""}</p>
${chart === null ? null : figure(`Throughput, ${part.operations} per second`, "Mean over generations, with the 95 % interval.", chart)}
${rateCurves(part.groups).map((curves, place) => ratePart(curves, `${id}rates${place}`, looks))}
${part.groups.map((group, place) => groupSection(part, group, `${id}g${place}`, looks, isBrief))}
</section>`;
}

function groupSection(
  { scenario }: ScenarioPart,
  group: Group,
  id: string,
  looks: Looks,
  isBrief: boolean,
): Markup {
  const workload = workloadText({ scenario, protocol: group.protocol });
  const name = `${workload}${group.settings === "" ? "" : `, ${group.settings}`}`;
  const curves = curvesOf(group);
  const spectrum = spectrumChart(`${id}-latency`, curves, name, looks);
  const cpu = cpuChart(`${id}-cpu`, group, name, looks);
  const shards = shardChart(`${id}-shards`, group, name, looks);
  const stages = stageTable(group);
  const shares = shardTable(group);
  return markup`<div class="workload" data-scenario="${scenario}" data-protocol="${group.protocol}" data-connections="${setting(group, "connections")}" data-payload="${setting(group, "payloadBytes")}" data-parameters="${JSON.stringify(group.rows[0]?.cell.parameters ?? {})}" data-quantity="${group.ratioOf}">
<h3>${workload}</h3>
<p class="quiet">${group.settings === "" ? "" : `${group.settings}; `}ranked by ${group.rankedBy}; latency: ${LATENCY_MEANING[group.loop]}</p>
${htmlTable("main", mainTable(group), name)}
${capacityPart(group, `${id}-capacity`, name, looks)}
${otherEnginePart(group, name)}
${stages === null ? null : markup`<h4 class="after">Parts of an operation</h4>${htmlTable("part", stages, `Parts of an operation, ${name}`)}`}
<div class="pair">
${spectrum === null ? null : figure(`Latency by percentile, ${group.protocol}`, `${LATENCY_MEANING[group.loop]}; lower is better, log scale.`, spectrum, details("Percentiles as a table", htmlTable("part", percentileTable(group), `Percentiles, ${name}`)))}
${cpu === null ? null : figure(`CPU time per operation, ${group.protocol}`, cpuKey(group), cpu)}
${shards === null || shares === null ? null : figure(`Connections per shard, ${group.protocol}`, "Smallest and largest share at the right.", shards, details("Shares as a table", htmlTable("part", shares, `Connections per shard, ${name}`)))}
</div>
${isBrief ? null : validityPart(group, name, id, looks)}
</div>`;
}

/** A setting that all rows of a group have; empty where the scenario has none of this name. */
function setting({ rows }: Group, name: string): string {
  return String(rows[0]?.cell.parameters[name] ?? "");
}

/** Folded away, because it is long and matters when a verdict is doubted. */
function validityPart(group: Group, name: string, id: string, looks: Looks): Markup | null {
  const checks = checkTable(group);
  const timeline = timelineChart(`${id}-timeline`, group, name, looks);
  if (checks === null && timeline === null) return null;
  return markup`${checks === null ? null : details(CHECKS_TITLE, htmlTable("part", checks, `${CHECKS_TITLE}, ${name}`))}
${timeline === null ? null : details("Throughput through every generation", figure(`Throughput through every generation, ${group.protocol}`, TIMELINE_READING, timeline))}`;
}

const TIMELINE_READING =
  "Left to right: generations in their order, each with its slices of load one behind the other. Up: operations per second, from zero to the server's own largest. A hole is a stall; a generation left out of the numbers is only outlined.";

function capacityPart(group: Group, id: string, name: string, looks: Looks): Markup | null {
  const found = capacityCurves(group);
  if (found === null) return null;
  const charts = found.objective.map((condition, index) =>
    figure(
      `Latency by offered rate, under ${objectiveText([condition])}`,
      CAPACITY_KEY,
      rateChart(`${id}${index}`, condition, found.curves, name, looks),
    ),
  );
  return markup`${charts}
${details("The curves as a table", htmlTable("part", curveTable(found, group.operations), `Curves, ${name}`))}
<p class="hint after">${CAPACITY_IS}</p>
${htmlTable("main", capacityTable(found, group.operations), `Capacity, ${name}`)}`;
}

function otherEnginePart(group: Group, name: string): Markup | null {
  const found = otherEngines(group);
  if (found === null) return null;
  return markup`<h4 class="after">${OTHER_ENGINES_TITLE}</h4><p class="hint">${OTHER_ENGINES_READING}</p>
${htmlTable("part", found.table, `${OTHER_ENGINES_TITLE}, ${name}`)}
<ul class="prose">${found.notes.map((note) => markup`<li>${note}</li>`)}</ul>`;
}

function ratePart(found: RateCurves, id: string, looks: Looks): Markup {
  const charts = RATE_PERCENTILES.map((percentile) =>
    figure(
      `${percentileName(percentile)} latency by offered rate, ${found.protocol}`,
      RATE_KEY,
      rateChart(
        `${id}${percentile}`,
        { percentile, limitNs: null },
        found.curves.filter((curve) => !hasNoLatency(curve)),
        found.title,
        looks,
      ),
    ),
  );
  return markup`${charts}
${details("The curves as a table", htmlTable("part", rateTable(found), `Latency by offered rate, ${found.title}`))}`;
}

const RATE_PERCENTILES = ["p50", "p99"] as const;
const RATE_KEY =
  "Across: offered rate, log scale. Up: latency from the intended send time, log scale. Where a line turns up, the server has its knee.";

const CAPACITY_KEY =
  "Across: offered rate. Up: latency, log scale. Dashed level line: the objective. Each line is the generation with the middle " +
  "capacity, its full dots met the whole objective; faint dots are the other generations.";

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

export function figure(
  title: string,
  hint: string | Markup,
  chart: Markup,
  after: Markup | null = null,
): Markup {
  return markup`<figure><h4>${title}</h4><p class="hint">${hint}</p>${chart}${after}</figure>`;
}

export function details(summary: string, content: Markup): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}

export function idleCostSection(costs: readonly IdleCost[], looks: Looks): Markup | null {
  if (costs.length === 0) return null;
  return markup`<section aria-labelledby="idle-cost"><h2 id="idle-cost">The cost of idle connections</h2>
<p class="quiet">Server CPU per echo on a few active connections, against the number of idle ones.</p>
${costs.map((cost, index) => idleCostPart(cost, `idle-cost${index}`, looks))}</section>`;
}

function idleCostPart(
  { settings, measured, findings, costs, growth }: IdleCost,
  id: string,
  looks: Looks,
): Markup {
  const chart = idleCostChart(`${id}-chart`, measured, looks);
  return markup`<h3>${settings}</h3>
<ul class="prose">${findings.map((finding) => markup`<li>${finding}</li>`)}</ul>
${chart === null ? null : figure("Server CPU per echo by number of idle connections", idleCostKey(measured), chart)}
<p class="hint after">${COSTS_TITLE}</p>
${htmlTable("main", costs, `Server CPU per echo by number of idle connections, ${settings}`)}
<p class="hint after">${GROWTH_TITLE}</p>
${htmlTable("main", growth, `Growth of the cost, ${settings}`)}`;
}

function idleCostKey({ idleCounts, lines }: IdleCostLines): string {
  const zero = idleCounts[0] === 0 ? ", 0 apart at the left" : "";
  const limited = lines.some(({ points }) => points.some(({ isClientLimited }) => isClientLimited));
  const failed = lines.some(({ failure, points }) => failure !== null && points.length > 0);
  return [
    `Across: idle connections, log scale${zero}. Up: CPU time per echo, log scale; thin upright lines are 95 % intervals.`,
    ...(limited ? ["A hollow dot: the load generator was the limit."] : []),
    ...(failed ? ["A cross: the server failed at a larger number."] : []),
  ].join(" ");
}

export function systemCallSection({ systemCalls: { parts, missing } }: ReportModel): Markup | null {
  if (parts.length === 0 && missing.length === 0) return null;
  return markup`<section><h2>${SYSTEM_CALLS_TITLE}</h2>
${parts.length === 0 ? null : markup`<p class="quiet">${SYSTEM_CALLS_READING}</p>`}
${parts.map(({ title, table }) => markup`<h4 class="after">${title}</h4>${htmlTable("part", table, `${SYSTEM_CALLS_TITLE}, ${title}`)}`)}
${missing.length === 0 ? null : markup`<ul class="prose">${missing.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`}</section>`;
}

export function problemSection(problems: readonly Problem[]): Markup | null {
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

export function listSection(title: string, items: readonly string[]): Markup | null {
  if (items.length === 0) return null;
  return markup`<section><h2>${title}</h2><ul class="prose">${items.map((item) => markup`<li>${item}</li>`)}</ul></section>`;
}

export function factSection(title: string, facts: readonly Fact[]): Markup {
  const entries = facts.map(
    ({ name, values }) =>
      markup`<dt>${name}</dt><dd>${values.map((value) => markup`<div>${value}</div>`)}</dd>`,
  );
  return markup`<section><h2>${title}</h2><dl>${entries}</dl></section>`;
}
