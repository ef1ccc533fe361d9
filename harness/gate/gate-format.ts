/** The formats of a gate's report, found by reading their folder: adding one means adding a file. */
import { readdirSync } from "node:fs";
import type { Surface } from "../reports/report-format.ts";
import type { GateRecord } from "../results/gate.ts";

export interface GateFormat {
  /** What `--format` calls it. */
  name: string;
  /** Its file in the gate's folder; null for a format that is only printed. */
  fileName: string | null;
  render(record: GateRecord, surface: Surface): string;
}

const FOLDER = new URL("formats/", import.meta.url);

/** Every format, sorted by file name. */
export async function loadGateFormats(): Promise<GateFormat[]> {
  const files = readdirSync(FOLDER).toSorted();
  const modules = (await Promise.all(files.map((file) => import(new URL(file, FOLDER).href)))) as {
    default: GateFormat;
  }[];
  return modules.map((module) => module.default);
}
