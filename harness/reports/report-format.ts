/** What a report format is. Each file in formats/ exports one by default; adding a format means adding a file. */
import type { Run } from "../results/run.ts";

/** What a report is shown on. Formats that become files ignore it. */
export interface Surface {
  /** Width in characters. */
  columns: number;
  /** Whether colours and bold may be used. */
  colour: boolean;
}

export interface Report {
  /** What `--format` calls it. */
  name: string;
  /** Its file beside run.json; null for a format that is only printed. */
  fileName: string | null;
  /** The whole report as text, from a run that matches the schema. Finished or not. */
  render(run: Run, surface?: Surface): string;
}
