/** `readymark report`: shows a run again, in any format. */
import { renderReport, reportNames } from "../../harness/reports/registry.ts";
import { readRun, resolveRun } from "../../harness/results/store.ts";
import { Failure } from "../../harness/failure.ts";
import { parseOptions, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s readymark -- report RUN [--format NAME]

RUN is an id of results/runs, a run's folder, or the path of its run.json. The report goes to stdout. NAME is one of
${reportNames().join(", ")} (default: terminal).
`;

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions({ format: { type: "string", default: "terminal" } }, argv, {
    name: "RUN",
    most: 1,
  });
  const [reference] = positionals;
  if (reference === undefined) throw new Failure(2, "report needs a RUN: an id of results/runs, or a path.");
  const surface = { columns: process.stdout.columns ?? 120, colour: process.stdout.hasColors?.() ?? false };
  process.stdout.write(await renderReport(values.format, readRun(resolveRun(reference)), surface));
  return 0;
}

export default {
  name: "report",
  summary: "show a run again, in any format",
  help: HELP,
  run,
} satisfies Command;
