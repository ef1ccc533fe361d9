/** Latency of the newest run that has any from the intended send time: the whole distribution, and how it grows with the load. */
import { curvesOf } from "../../reports/charts/spectrum-chart.ts";
import { scenarioSection } from "../../reports/html-sections.ts";
import { markup } from "../../reports/markup.ts";
import { buildModel } from "../../reports/model.ts";
import { dateOf, fileNameOf, machineOf } from "../catalogue.ts";
import type { Page } from "../page.ts";

export default {
  title: "Latency",
  place: 2,
  fileName: "latency.html",
  render: ({ runs, looks }) => {
    const head = markup`<h1>How long do users wait?</h1>
<p class="lead">Requests fall due on a fixed schedule, whatever the server does, and each is timed from the moment it was due. A server that stalls is charged for everybody who had to wait.</p>
<p>The axis of percentiles gives every further nine the same room, because the tail is what users meet: with a hundred requests to a page, most pages meet the slowest 1 %. A curve ends where fewer than ten requests were slower.</p>`;
    const run = runs.find((one) => openParts(one).length > 0);
    if (run === undefined)
      return markup`${head}<p>No published run has an open loop: <code>npm run bench -- --scenarios latency</code> measures one.</p>`;
    return markup`${head}
<p class="quiet">Run <a href="runs/${fileNameOf(run)}.html">${run.id}</a>, ${dateOf(run)}, ${machineOf(run)}.</p>
${openParts(run).map((part, index) => scenarioSection(part, index, looks))}`;
  },
} satisfies Page;

function openParts(run: Parameters<typeof buildModel>[0]) {
  return buildModel(run).scenarios.filter(
    ({ loop, groups }) => loop === "open" && groups.some((group) => curvesOf(group).length > 0),
  );
}
