/** Finds the report formats by reading their folder, so that no list has to be kept, and renders runs in them. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { loadModule, modulesIn } from "../modules.ts";
import { unknownName } from "../unknown-name.ts";
import type { Run } from "../results/run.ts";
import type { Report, Surface } from "./report-format.ts";

const FORMATS = new URL("formats/", import.meta.url);

/** The names of all formats, sorted: those of their files. */
export function reportNames(): string[] {
  return modulesIn(FORMATS);
}

/** Every report format, sorted by name. Rejects when a file there exports no report. */
export async function loadReports(): Promise<Report[]> {
  return Promise.all(reportNames().map(loadReport));
}

async function loadReport(name: string): Promise<Report> {
  const module = (await loadModule(FORMATS, name)) as { default?: Partial<Report> };
  const report = module.default;
  if (report?.name !== name || typeof report.render !== "function") {
    throw new Error(
      `harness/reports/formats/${name}.ts must export a report by default: its own name, fileName and render.`,
    );
  }
  return report as Report;
}

/** The run in the format of this name. Rejects with a Failure that lists the formats when there is none. */
export async function renderReport(name: string, run: Run, surface: Surface): Promise<string> {
  if (!reportNames().includes(name)) throw unknownName("format", name, reportNames());
  const { render } = await loadReport(name);
  return render(run, surface);
}

/** Writes every report that is a file into the run's folder, and resolves with their paths. */
export async function writeReports(run: Run, folder: string): Promise<string[]> {
  const written: string[] = [];
  for (const { fileName, render } of await loadReports()) {
    if (fileName === null) continue;
    const path = join(folder, fileName);
    writeWhole(path, render(run));
    written.push(path);
  }
  return written;
}

/** A report that could not be written whole is removed; run.json has everything it would have said. */
function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw new Failure(
      4,
      `${path} could not be written: ${(error as Error).message}. Free some space, then: npm run -s readymark -- report`,
    );
  }
}
