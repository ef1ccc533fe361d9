/** The published page says what the published trials say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GATE_PROOF_FOLDER } from "../../../harness/project.ts";
import { readTrials } from "../../../harness/proof/record.ts";
import { summaryText } from "../../../harness/proof/summary.ts";

test("npm run gate:prove -- --minutes 0 would write the same page", () => {
  const trials = readTrials(join(GATE_PROOF_FOLDER, "trials.jsonl"));
  expect(trials.length).toBeGreaterThan(0);
  expect(readFileSync(join(GATE_PROOF_FOLDER, "README.md"), "utf8")).toBe(`${summaryText(trials)}\n`);
});
