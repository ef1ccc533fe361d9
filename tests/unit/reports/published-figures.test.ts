/** Figures of the documents are those of a run, or a record, that is published beside them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT, RUNS_FOLDER } from "../../../harness/project.ts";
import { readRun } from "../../../harness/results/store.ts";
import { fixtureRun } from "../../fixtures/run.ts";
import { BLOCKS } from "../../../scripts/figures/blocks.ts";

/** The formatter widens the columns of a table, and nothing else. */
function words(text: string): string[] {
  return text.split(/[\s|:-]+/).filter((word) => word !== "");
}

function blockOf(file: string, name: string): string {
  const text = readFileSync(join(PROJECT_ROOT, file), "utf8");
  return new RegExp(`<!-- figures: ${name} -->\n([^]*?)<!-- /figures -->`).exec(text)?.[1] ?? "";
}

test.each([
  ["README.md", "readme"],
  ["docs/million.md", "million"],
  ["docs/multiplexing.md", "idle"],
])("the table of %s is what its run says", (file, name) => {
  const block = blockOf(file, name);
  const [, id = "none"] = /, run ([\w-]+)\./.exec(block) ?? [];
  const run = readRun(join(RUNS_FOLDER, id, "run.json.gz"));
  expect(words(block)).toEqual(words(BLOCKS[name]?.(run, null) ?? ""));
});

test("the steps of connections are those of the published record", () => {
  const text = BLOCKS["connections"]?.(fixtureRun(), null) ?? "";
  expect(text).toContain("node-net");
  expect(words(blockOf("docs/connections.md", "connections"))).toEqual(words(text));
});
