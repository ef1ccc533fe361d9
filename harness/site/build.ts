/**
 * The published site, from run.json files and trials alone: pages that are complete without a script and work from a folder,
 * one script, one style sheet, and the data for whoever wants to compute with it.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { Failure } from "../failure.ts";
import { MODULE_EXTENSION } from "../project.ts";
import csv from "../reports/formats/csv.ts";
import type { Run } from "../results/run.ts";
import { dateOf, fileNameOf, frontRun, machineOf, type Catalogue } from "./catalogue.ts";
import { latencyLog } from "./latency-log.ts";
import { framed, loadPages, siteOf, type Page, type Site } from "./page.ts";
import { runView } from "./run-view.ts";
import { scriptJson, slimRun } from "./slim-run.ts";
import { SITE_STYLE } from "./style.ts";

/** Says that a folder is a site, which may be emptied for the next one. */
const MARK = ".readymark-site";

/**
 * Writes the whole site into a folder, from which an earlier site is removed, and resolves with the paths of its pages.
 * Rejects with a Failure when the folder holds anything else, or cannot be written.
 */
export async function buildSite(catalogue: Catalogue, folder: string): Promise<string[]> {
  const pages = await loadPages();
  const site = siteOf(catalogue, frontRun(catalogue));
  const script = await clientScript();
  const written: string[] = [];
  const write = (path: string, text: string): void => {
    writeFileSync(join(folder, path), text);
    if (path.endsWith(".html")) written.push(join(folder, path));
  };
  requireOwnFolder(folder);
  try {
    // What is left of an earlier site would be published beside the new one.
    rmSync(folder, { recursive: true, force: true });
    for (const part of ["runs", "data"]) mkdirSync(join(folder, part), { recursive: true });
    for (const mark of [MARK, ".nojekyll"]) write(mark, "");
    write("site.css", SITE_STYLE);
    write("site.js", script);
    for (const page of pages) {
      const frame = { title: `readymark: ${page.title}`, name: nameOf(page), root: "", pages };
      write(page.fileName, framed({ ...frame, current: page.fileName }, page.render(site)));
    }
    for (const run of site.runs) writeRun(run, site, pages, folder, write);
    write("data/runs.js", `readymarkData.list(${scriptJson(site.runs.map(listed))});\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Failure(4, `The site could not be written to ${folder}: ${(error as Error).message}.`);
  }
  return written;
}

/** Emptying a folder that somebody named by mistake would be a loss. */
function requireOwnFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(join(folder, MARK))) return;
  if (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)
    throw new Failure(
      2,
      `${folder} is no site of readymark, and building one would empty it. Name a folder that is empty or not there, with --out.`,
    );
}

function writeRun(
  run: Run,
  site: Site,
  pages: readonly Page[],
  folder: string,
  write: (path: string, text: string) => void,
): void {
  const name = fileNameOf(run);
  mkdirSync(join(folder, "data", name), { recursive: true });
  const frame = { title: `readymark: run ${run.id}`, name: "run", root: "../", pages, current: null };
  write(`runs/${name}.html`, framed(frame, runView(run, site, "../")));
  write(`data/${name}.js`, `readymarkData.run(${scriptJson(name)}, ${scriptJson(slimRun(run))});\n`);
  write(`data/${name}/run.json`, `${JSON.stringify(run, null, 1)}\n`);
  write(`data/${name}/summary.csv`, csv.render(run));
  write(`data/${name}/latency.hlog`, latencyLog(run));
}

function nameOf({ fileName }: Page): string {
  return fileName.replace(/\.html$/, "");
}

/** What the script knows of every run before it asks for one. */
function listed(run: Run): { name: string; id: string; machine: string; date: string } {
  return { name: fileNameOf(run), id: run.id, machine: machineOf(run), date: dateOf(run) };
}

/** The browser's part with all that it imports of the harness, as one plain script: modules do not load from a folder. */
async function clientScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "client", `main${MODULE_EXTENSION}`)],
    ...{ bundle: true, format: "iife", target: "es2022", minify: true, write: false, legalComments: "none" },
  });
  return outputFiles[0]?.text ?? "";
}
