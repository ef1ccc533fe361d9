/** The frame of every page of the site, and what a page is. Each file in pages/ exports one; adding a page means adding a file. */
import { loadModule, modulesIn } from "../modules.ts";
import { assignLooks, type Looks } from "../reports/charts/series.ts";
import { htmlDocument } from "../reports/html-document.ts";
import { Markup, markup } from "../reports/markup.ts";
import type { Run } from "../results/run.ts";
import type { Catalogue } from "./catalogue.ts";

export interface Site extends Catalogue {
  front: Run | null;
  looks: Looks;
}

export interface Page {
  /** In the navigation. */
  title: string;
  /** The place in the navigation. */
  place: number;
  fileName: string;
  render(site: Site): Markup;
}

const FOLDER = new URL("pages/", import.meta.url);

export async function loadPages(): Promise<Page[]> {
  const modules = await Promise.all(modulesIn(FOLDER).map((name) => loadModule(FOLDER, name)));
  return (modules as { default: Page }[])
    .map((module) => module.default)
    .toSorted((a, b) => a.place - b.place);
}

export function siteOf(catalogue: Catalogue, front: Run | null): Site {
  // The same server looks the same on every page.
  return { ...catalogue, front, looks: assignLooks(catalogue.runs.flatMap(({ cells }) => cells)) };
}

/**
 * `file:` lets the pages work without a server; nothing else is allowed, so that whatever a run's strings hold, the page asks
 * nobody for anything and runs nothing that is not its own.
 */
const POLICY =
  "default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src 'self' data:; base-uri 'none'; form-action 'self' file:";

export interface Frame {
  title: string;
  /** What the script is told that it is on. */
  name: string;
  /** From the page to the root of the site: "" or "../". */
  root: string;
  pages: readonly Page[];
  current: string | null;
}

export function framed({ title, name, root, pages, current }: Frame, content: Markup): string {
  const links = pages.map(
    (page) =>
      markup`<a href="${root}${page.fileName}"${page.fileName === current ? new Markup(' aria-current="page"') : null}>${page.title}</a> `,
  );
  const head = markup`<link rel="stylesheet" href="${root}site.css">
<script src="${root}site.js" defer></script>`;
  const body = markup`<body data-page="${name}" data-root="${root}">
<a class="skip" href="#content">Skip to the content</a>
<nav aria-label="Pages"><b>readymark</b> ${links}</nav>
<main id="content">
${content}
</main>
<footer class="quiet"><p>Made from records of real runs alone. Throughputs, costs and ratios stand with their 95 % intervals in the tables or in run.json, and each cell has the command that measures it again; see <a href="${root}trust.html">Trust</a>.</p></footer>
</body>`;
  return htmlDocument({ title, policy: POLICY, head, body });
}
