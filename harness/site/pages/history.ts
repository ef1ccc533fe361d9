/** Every number over runs. Levels that moved are advice where to look, never a verdict. */
import { historyChart } from "../../reports/charts/history-chart.ts";
import { lookOf } from "../../reports/charts/series.ts";
import { details, figure } from "../../reports/html-sections.ts";
import { htmlTable } from "../../reports/html-table.ts";
import { type Markup, markup } from "../../reports/markup.ts";
import { plain } from "../../reports/tables.ts";
import { duration, withInterval } from "../../units.ts";
import { dateOf, machineOf } from "../catalogue.ts";
import { historiesOf, type History } from "../history.ts";
import type { Page, Site } from "../page.ts";

export default {
  title: "History",
  place: 5,
  fileName: "history.html",
  render: (site) => {
    const histories = historiesOf(site.runs);
    return markup`<h1>How did it change over time?</h1>
<p class="lead">Server CPU per operation in every run that has the same cell. A machine may be faster on one day than on another, so a step here is a reason to measure both versions in turn, and not a finding.</p>
${histories.length === 0 ? markup`<p>No two runs have a cell in common.</p>` : histories.map((history, index) => historyPart(history, index, site))}`;
  },
} satisfies Page;

function historyPart(
  { id, title, server, points, changes }: History,
  index: number,
  { looks }: Site,
): Markup {
  const levels = new Set(changes.map((change) => change.index));
  const marks = points.map(({ run, value, changed }, place) => ({
    ...value,
    label: duration(value.value),
    words: `${run.id}, ${dateOf(run)}: ${withInterval(value.value, value.low, value.high, duration)}${changed.length === 0 ? "" : `; differs from the run before in ${changed.join("; ")}`}`,
    isChanged: changed.length > 0,
    isNewLevel: levels.has(place),
  }));
  const rows = points.map(({ run, value, changed }, place) => [
    plain(run.id),
    plain(dateOf(run)),
    plain(machineOf(run)),
    plain(withInterval(value.value, value.low, value.high, duration)),
    plain(levels.has(place) ? "new level" : "–"),
    plain(changed.length === 0 ? "–" : changed.join("; ")),
  ]);
  const titles = ["run", "made", "machine", "CPU per operation", "level", "what changed before it"];
  const columns = titles.map((title) => ({ title, unit: null, align: "left" as const }));
  const note =
    changes.length === 0
      ? "From zero; one dot for each run."
      : `From zero; the level moved ${changes.length === 1 ? "once" : `${changes.length} times`} (E-divisive, p ≤ 0.01).`;
  return figure(
    title,
    note,
    historyChart(
      `h${index}`,
      `Server CPU per operation over runs, ${title}`,
      marks,
      lookOf(looks, server).colour,
    ),
    details("The numbers", htmlTable("part", { columns, rows }, `History of ${id}`)),
  );
}
