/** A run as the front page and its own page show it. */
import {
  listSection,
  problemSection,
  scenarioSection,
  systemCallSection,
  verdictList,
} from "../reports/html-sections.ts";
import { Markup, markup } from "../reports/markup.ts";
import { buildModel, type ScenarioPart } from "../reports/model.ts";
import type { Run } from "../results/run.ts";
import { dateOf, fileNameOf, machineOf } from "./catalogue.ts";
import type { Site } from "./page.ts";
import { headline, verdictSentences } from "./sentences.ts";
import { scriptJson, slimRun } from "./slim-run.ts";

/** `root` leads from the page to the root of the site. The front page is brief, and the run's own has everything. */
export function runView(run: Run, { looks, runs }: Site, root: string): Markup {
  const isBrief = root === "";
  const model = buildModel(run);
  const found = headline(model.scenarios);
  const [first = "This run has no cells.", ...others] =
    found === null ? [] : verdictSentences(found.part, found.group);
  return markup`<header>
<h1>${first}</h1>
${others.map((sentence) => markup`<p class="lead">${sentence}</p>`)}
<p class="quiet">${machineOf(run)}; run <a href="${root}runs/${fileNameOf(run)}.html">${run.id}</a>, ${dateOf(run)}. Another machine may say otherwise: <a href="${root}trust.html#${fileNameOf(run)}">measure it on yours</a>${runs.length > 1 ? markup`, or <a href="${root}compare.html">compare runs</a>` : null}.</p>
${verdictList(model)}
</header>
${filterForm()}
${headlineFirst(model.scenarios, found?.part ?? null).map((part, index) => scenarioSection(part, index, looks, { isBrief }))}
<p class="nothing" hidden>No workload of this run matches the filters. <button type="button" class="reset">Show all</button></p>
${systemCallSection(model)}
${problemSection(model.problems)}
${listSection("Warnings", model.warnings)}
${listSection("How to read this", model.howToRead)}
<script type="application/json" id="run">${new Markup(scriptJson(slimRun(run)))}</script>`;
}

/** What the first sentence is about is what a reader sees first. */
function headlineFirst(parts: readonly ScenarioPart[], first: ScenarioPart | null): ScenarioPart[] {
  return first === null ? [...parts] : [first, ...parts.filter((part) => part !== first)];
}

/** Filled in and shown by the script, which alone can filter. */
function filterForm(): Markup {
  const select = (name: string, label: string): Markup =>
    markup`<label>${label} <select name="${name}"><option value="">all</option></select></label>`;
  return markup`<form class="filters" aria-label="What is shown" hidden>
${select("scenario", "scenario")} ${select("protocol", "protocol")} ${select("connections", "connections")} ${select("payload", "payload, B")} ${select("framework", "framework")}
<label>ratios to <select name="baseline"></select></label>
<button type="button" class="reset">Reset</button>
</form>`;
}
