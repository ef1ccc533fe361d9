/** The front page: the newest run, its verdict first. */
import { markup } from "../../reports/markup.ts";
import type { Page } from "../page.ts";
import { runView } from "../run-view.ts";

export default {
  title: "Results",
  place: 0,
  fileName: "index.html",
  render: (site) =>
    site.front === null
      ? markup`<h1>No run has been published yet.</h1><p><code>npm run bench</code> makes one.</p>`
      : runView(site.front, site, ""),
} satisfies Page;
