/** The figures of the README are those of a run that is published beside it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT, RUNS_FOLDER } from "../../../harness/project.ts";
import { readRun } from "../../../harness/results/store.ts";
import { BLOCKS } from "../../../scripts/figures/blocks.ts";

/** The formatter widens the columns of a table, and nothing else. */
function words(text: string): string[] {
  return text.split(/[\s|:-]+/).filter((word) => word !== "");
}

test("the README's table is what its run says", () => {
  const [, block = ""] =
    /<!-- figures: readme -->\n([^]*?)<!-- \/figures -->/.exec(
      readFileSync(join(PROJECT_ROOT, "README.md"), "utf8"),
    ) ?? [];
  const [, id = "none"] = /, run ([\w-]+)\./.exec(block) ?? [];
  const run = readRun(join(RUNS_FOLDER, id, "run.json.gz"));
  expect(words(block)).toEqual(words(BLOCKS["readme"]?.(run, null) ?? ""));
});
