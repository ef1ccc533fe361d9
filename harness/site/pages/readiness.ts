/** The effect of readiness: what connections cost that have nothing to say, by multiplexer. */
import { idleCostSection } from "../../reports/html-sections.ts";
import { idleCosts } from "../../reports/idle-cost/idle-cost.ts";
import { markup } from "../../reports/markup.ts";
import { systemCalls } from "../../reports/system-call-table.ts";
import { systemCallSection } from "../../reports/html-sections.ts";
import { buildModel } from "../../reports/model.ts";
import type { Run } from "../../results/run.ts";
import { dateOf, fileNameOf, machineOf } from "../catalogue.ts";
import type { Page } from "../page.ts";

const EXPLAINED: readonly [string, string][] = [
  [
    "select and poll are told everything each time",
    "The program hands the kernel the list of all its connections at every wait, and the kernel looks at each of them. A connection that is silent costs as much as one that speaks, so the cost of an echo grows with the number of idle connections: a slope of 1 on these axes.",
  ],
  [
    "epoll is told once",
    "The kernel keeps the list, and a connection that becomes ready puts itself on a second list, which is all that a wait reads. Idle connections cost next to nothing: a level line.",
  ],
  [
    "io_uring is asked for results",
    "Instead of asking what is ready, the program asks for the reads themselves and collects what has been done; many of them cost one system call.",
  ],
  [
    "select ends at 1,024",
    "Its lists are bit fields of a fixed size in the C library, and a descriptor from 1,024 on does not fit. A line that ends early, with a cross, is that wall, or another limit that the server met.",
  ],
];

/** The one that compares most servers over several numbers of idle connections, of such the newest. */
function mostTelling(runs: readonly Run[]): Run | undefined {
  const compared = ({ cells, finishedAt }: Run): number =>
    finishedAt === null
      ? 0
      : idleCosts(cells)
          .flatMap(({ measured }) => measured.lines)
          .filter(({ points }) => points.length > 1).length;
  const ordered = runs
    .map((run) => ({ run, servers: compared(run) }))
    .filter(({ servers }) => servers > 0)
    .toSorted((a, b) => b.servers - a.servers);
  return ordered[0]?.run;
}

export default {
  title: "Readiness",
  place: 1,
  fileName: "readiness.html",
  render: ({ runs, looks }) => {
    const run = mostTelling(runs);
    const explained = EXPLAINED.map(([title, text]) => markup`<dt>${title}</dt><dd>${text}</dd>`);
    const head = markup`<h1>What do silent connections cost?</h1>
<p class="lead">A server with 10,000 connections of which a hundred speak has to find the hundred. How it asks the kernel decides what that costs.</p>
<dl class="explained">${explained}</dl>`;
    if (run === undefined)
      return markup`${head}<p>No published run has several numbers of idle connections: <code>npm run bench -- --scenarios idle --full</code> measures them.</p>`;
    const traced = run.cells.filter(({ parameters }) => "idleConnections" in parameters);
    return markup`${head}
<p class="quiet">Run <a href="runs/${fileNameOf(run)}.html">${run.id}</a>, ${dateOf(run)}, ${machineOf(run)}.${run.plan.serverProcesses === undefined ? null : ` Each server was ${run.plan.serverProcesses} processes on one port.`}</p>
${idleCostSection(idleCosts(run.cells), looks)}
${systemCallSection({ ...buildModel(run), systemCalls: systemCalls(traced) })}`;
  },
} satisfies Page;
