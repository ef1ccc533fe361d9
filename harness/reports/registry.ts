/** Finds the report formats by reading their folder, so that no list has to be kept, and renders runs in them. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { unknownName } from "../unknown-name.ts";
import type { Run } from "../results/run.ts";
import type { Report, Surface } from "./report-format.ts";

const FORMATS = new URL("formats/", import.meta.url);

/** Every report format, sorted by file name. Rejects when a file there exports no report. */
export async function loadReports(): Promise<Report[]> {
  const files = readdirSync(FORMATS)
    .filter((file) => file.endsWith(".ts"))
    .toSorted();
  return Promise.all(files.map(loadReport));
}

async function loadReport(file: string): Promise<Report> {
  const module = (await import(new URL(file, FORMATS).href)) as { default?: Partial<Report> };
  const report = module.default;
  if (typeof report?.name !== "string" || typeof report.render !== "function") {
    throw new Error(
      `harness/reports/formats/${file} must export a report by default: name, fileName and render.`,
    );
  }
  return report as Report;
}

/** The run in the format of this name. Rejects with a Failure that lists the formats when there is none. */
export async function renderReport(name: string, run: Run, surface: Surface): Promise<string> {
  const formats = await loadReports();
  const format = formats.find((one) => one.name === name);
  if (format) return format.render(run, surface);
  throw unknownName(
    "format",
    name,
    formats.map((one) => one.name),
  );
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
