/** Claims and what the runs say of them, for the page as it is built and for the one that a browser builds anew. */
import { crossoverChart } from "../reports/charts/crossover-chart.ts";
import { type Markup, markup } from "../reports/markup.ts";
import type { Run } from "../results/run.ts";
import { whole, withInterval } from "../units.ts";
import { claimQuery, claimText, judgeClaim, type Claim } from "./claims.ts";

/** A run with what a reader calls its machine. */
export interface Judge {
  run: Pick<Run, "id" | "cells">;
  machine: string;
  date: string;
}

export function claimView(claim: Claim, judges: readonly Judge[]): Markup {
  const found = judges.flatMap((judge) => {
    const evidence = judgeClaim(claim, judge.run);
    return evidence === null ? [] : [{ ...judge, evidence }];
  });
  const count = (wanted: string): number =>
    found.filter(({ evidence }) => evidence.judgement === wanted).length;
  const tally =
    found.length === 0
      ? "no run here can judge it"
      : `held in ${count("held")} of ${found.length} runs, reversed in ${count("reversed")}, undecided in ${count("undecided")}`;
  const rows = found.map(({ run, machine, date, evidence: { judgement, ratios, crossover } }) => {
    const text = ratios.map(({ idle, ratio: { value, low, high } }) => {
      const where = idle === null ? "" : `${whole(idle)} idle: `;
      return markup`<span class="line">${where}${withInterval(value, low, high)}</span>`;
    });
    const crossing =
      crossover === null
        ? "–"
        : `${withInterval(crossover.value, crossover.low, crossover.high, whole)} idle`;
    return markup`<tr role="row"><td role="cell" class="server" data-label="run">${run.id}</td><td role="cell" data-label="made">${date}</td><td role="cell" class="long" data-label="machine">${machine}</td><td role="cell" data-label="times as much"><span>${text}</span></td><td role="cell" data-label="crosses at">${crossing}</td><td role="cell" class="verdict-cell" data-label="judgement"><span class="status ${STATUS[judgement]}">${judgement}</span></td></tr>`;
  });
  const charts = found.map(({ run, evidence: { byIdle, crossover } }, index) => {
    const id = `crossover-${claim.less}-${claim.than}-${index}`.replaceAll(/[^\w-]/g, "-");
    const title = `${claimText(claim)}, run ${run.id}`;
    const chart = crossoverChart({ id, title, points: byIdle, most: claim.most, crossover });
    return chart === null ? null : markup`<figure><p class="hint">Run ${run.id}</p>${chart}</figure>`;
  });
  return markup`<section class="claim"><h2><a href="?${claimQuery(claim)}">${claimText(claim)}</a></h2>
<p class="quiet">${tally}</p>
${rows.length === 0 ? null : markup`<div class="scroll" tabindex="0" role="region" aria-label="${claimText(claim)}"><table class="part" role="table"><thead role="rowgroup"><tr role="row">${HEADINGS}</tr></thead><tbody role="rowgroup">${rows}</tbody></table></div>`}${charts}</section>`;
}

/** The roles are said, because a row that is drawn as a card is no row to a browser any more. */
const HEADINGS = ["run", "made", "machine", "times as much", "crosses at", "judgement"].map(
  (title) => markup`<th role="columnheader" scope="col">${title}</th>`,
);

/** The looks of verdicts, which have a shape as well as a colour. */
const STATUS = { held: "ok", reversed: "failed", undecided: "pending" } as const;
