/** Finds the report formats by reading their folder, so that no list has to be kept. */
import { readdirSync } from "node:fs";
import type { Report } from "./report.ts";

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
