/** The formats of a gate's report, found by reading their folder: adding one means adding a file. */
import { loadModule, modulesIn } from "../modules.ts";
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
  const modules = await Promise.all(modulesIn(FOLDER).map((name) => loadModule(FOLDER, name)));
  return (modules as { default: GateFormat }[]).map((module) => module.default);
}
