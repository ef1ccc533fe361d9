/** `readymark micro`, or `npm run micro`: small pieces of the hot path, one at a time. */
import { join, relative, resolve } from "node:path";
import { runMicro } from "../../harness/micro/micro.ts";
import { assignCpus } from "../../harness/plan/cpus.ts";
import { RUNS_FOLDER } from "../../harness/project.ts";
import { renderReport, writeReports } from "../../harness/reports/registry.ts";
import { writeRun } from "../../harness/results/store.ts";
import { alone } from "../alone.ts";
import { listOption, parseOptions, seconds, wholeNumber, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s micro -- [--pieces a,b] [--generations 10] [--time 100ms] [--out DIR] [--json]

Measures small pieces of this project's code by tinybench, each after a warm-up, in fresh processes: the codecs, the crossing
between the reactor and JavaScript, views of received bytes, the load generator's histogram, and a turn of each multiplexer. The
result is a run like a bench's, so compare, report and the dashboard take it. --pieces takes some of codec, histogram,
multiplexer, reactor and slab.

  npm run -s readymark -- compare BEFORE AFTER    two such runs, piece by piece
`;

async function run(argv: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseOptions(
    { pieces: text, generations: text, time: text, out: text, json: { type: "boolean" } },
    argv,
  );
  const folder = resolve(values.out ?? RUNS_FOLDER);
  return alone(`npm run micro ${argv.join(" ")}`, async (signal) => {
    const measured = await runMicro({
      frameworks: listOption(values.pieces, "--pieces"),
      generations: wholeNumber(values.generations ?? "10", "--generations", { least: 1, most: 1000 }),
      seconds: seconds(values.time ?? "100ms", "--time"),
      ...{ cpus: assignCpus(null, null).serverCpus, signal },
      onGeneration: (generation) => process.stderr.write(`readymark: generation ${generation + 1}\n`),
    });
    const own = join(folder, measured.id);
    writeRun(own, measured);
    const written = await writeReports(measured, own);
    const surface = { columns: process.stdout.columns ?? 120, colour: process.stdout.hasColors?.() ?? false };
    process.stdout.write(await renderReport(values.json ? "json" : "terminal", measured, surface));
    const paths = [join(own, "run.json"), ...written].map((path) => relative(process.cwd(), path));
    process.stderr.write(`\nreadymark: wrote ${paths.join(", ")}\n`);
    return 0;
  });
}

export default {
  name: "micro",
  summary: "small pieces of the hot path, one at a time",
  help: HELP,
  run,
} satisfies Command;
