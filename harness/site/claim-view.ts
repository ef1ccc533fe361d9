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
      return markup`<div>${where}${withInterval(value, low, high)}</div>`;
    });
    const crossing =
      crossover === null
        ? "–"
        : `${withInterval(crossover.value, crossover.low, crossover.high, whole)} idle`;
    return markup`<tr><td class="server">${run.id}</td><td>${date}</td><td>${machine}</td><td>${text}</td><td>${crossing}</td><td><span class="status ${STATUS[judgement]}">${judgement}</span></td></tr>`;
  });
  const charts = found.map(({ run, evidence: { byIdle, crossover } }, index) => {
    const id = `crossover-${claim.less}-${claim.than}-${index}`.replaceAll(/[^\w-]/g, "-");
    const title = `${claimText(claim)}, run ${run.id}`;
    const chart = crossoverChart({ id, title, points: byIdle, most: claim.most, crossover });
    return chart === null ? null : markup`<figure><p class="hint">Run ${run.id}</p>${chart}</figure>`;
  });
  return markup`<section class="claim"><h2><a href="?${claimQuery(claim)}">${claimText(claim)}</a></h2>
<p class="quiet">${tally}</p>
${rows.length === 0 ? null : markup`<div class="scroll" tabindex="0" role="region" aria-label="${claimText(claim)}"><table><thead><tr><th scope="col">run</th><th scope="col">made</th><th scope="col">machine</th><th scope="col">times as much</th><th scope="col">crosses at</th><th scope="col">judgement</th></tr></thead><tbody>${rows}</tbody></table></div>`}${charts}</section>`;
}

/** The looks of verdicts, which have a shape as well as a colour. */
const STATUS = { held: "ok", reversed: "failed", undecided: "pending" } as const;
