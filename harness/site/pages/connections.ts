/** The life of a connection, the ways in which connecting fails, and what UDP loses: a record of `readymark connect`. */
import { STEPS, WAYS } from "../../connection/explained.ts";
import { lifeChart } from "../../reports/charts/life-chart.ts";
import { burstTable, failureTable, lifeTable, sidesOf } from "../../reports/connection-tables.ts";
import { figure } from "../../reports/html-sections.ts";
import { htmlTable } from "../../reports/html-table.ts";
import { markup } from "../../reports/markup.ts";
import type { Page } from "../page.ts";

export default {
  title: "Connections",
  place: 6,
  fileName: "connections.html",
  render: ({ connections: record }) => {
    const head = markup`<h1>What happens to a connection?</h1>
<p class="lead">Every step of one TCP connection as its client sees it, the ways in which connecting fails, each made to happen for real, and what UDP drops.</p>`;
    if (record === null)
      return markup`${head}<p>Nothing is published yet: <code>npm run -s readymark -- connect --publish</code> records it.</p>`;
    const { lives, failures, bursts, connections, recordedAt, machine } = record;
    const steps = Object.entries(STEPS).map(([step, what]) => markup`<dt>${step}</dt><dd>${what}</dd>`);
    const ways = failures.map(({ way, reason }) => markup`<dt>${way}</dt><dd>${reason ?? WAYS[way]}</dd>`);
    return markup`${head}
<p class="quiet">${recordedAt.slice(0, 10)}, ${machine}.</p>
<section><h2>The life of one connection</h2>
<p class="quiet">Of ${connections} connections one after the other the one whose whole took the middle time, so its steps add up.</p>
${figure("Time of each step", "Left to right in their order; each step runs from the end of the one before to its own.", lifeChart("life", lives))}
${htmlTable("main", lifeTable(lives), "Time of each step")}
<dl class="explained">${steps}</dl>
<ul class="prose">${lives.map((one) => markup`<li>${sidesOf(one)}</li>`)}</ul></section>
<section><h2>Ways in which connecting fails</h2>
${htmlTable("part", failureTable(failures), "Ways in which connecting fails")}
<dl class="explained">${ways}</dl></section>
<section><h2>What UDP loses</h2>
<p class="quiet">A burst of datagrams to a server that only then begins to read. What does not fit into the receive buffer is dropped, and nobody is told but a counter of the kernel, at the right: it says the same as what is missing.</p>
${htmlTable("part", burstTable(bursts), "What UDP loses")}</section>`;
  },
} satisfies Page;
