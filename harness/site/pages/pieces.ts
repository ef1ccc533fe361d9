/** The newest run of `npm run micro`: small pieces of the code by themselves. */
import { isMicro } from "../../results/cell-id.ts";
import { markup } from "../../reports/markup.ts";
import type { Page } from "../page.ts";
import { runView } from "../run-view.ts";

export default {
  title: "Pieces",
  place: 7,
  fileName: "pieces.html",
  render: (site) => {
    const run = site.runs.find((one) => one.finishedAt !== null && isMicro(one));
    return run === undefined
      ? markup`<h1>No run of the pieces has been published yet.</h1>
<p><code>npm run micro</code> measures codecs, the crossing between C++ and JavaScript, waits and histograms by themselves.</p>`
      : runView(run, site, "");
  },
} satisfies Page;
