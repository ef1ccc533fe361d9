/** `readymark figures`: writes the tables of README.md and docs/ that hold measured figures. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "../../harness/failure.ts";
import { PROJECT_ROOT } from "../../harness/project.ts";
import { replaceFile } from "../../harness/results/replace-file.ts";
import { publishRun, readRun, resolveRun } from "../../harness/results/store.ts";
import { parseOptions, type Command } from "../arguments.ts";
import { BLOCKS } from "../figures/blocks.ts";

const HELP = `usage: npm run -s readymark -- figures RUN [--isolated RUN] [--publish]

Writes every table of README.md and docs/*.md that the run has figures for: they stand between the comments
<!-- figures: NAME --> and <!-- /figures -->. RUN is an id of results/runs, a run's folder, or the path of its run.json.

  readme    npm run bench, with --publish, because a test compares the table with the published run
  idle      npm run bench -- --frameworks 'native-echo/*,thread-per-connection' --scenarios idle --protocols tcp
            --idle 0,100,900,3000,10000 --connections 32
  coverage  npm run bench -- --frameworks node-net,node-net --scenarios echo --protocols tcp --generations 200 --trace none
  connections  npm run -s readymark -- connect SERVERS --publish, whatever the run
  million   npm run bench -- --frameworks reactor/epoll,reactor/uring,node-net --scenarios idle --connections 32
            --idle 10000,50000,100000,200000 --generations 3 --trace none --isolated, with --publish
  isolated  npm run bench, and as --isolated the same with --isolated and as many generations

--publish also keeps the run as results/runs/ID/run.json.gz, which git takes and the dashboard shows. It takes no run whose
calibration does not fit, so run calibrate before what is to be published.
`;

function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    { isolated: { type: "string" }, publish: { type: "boolean" } },
    argv,
    {
      name: "RUN",
      most: 1,
    },
  );
  const [reference] = positionals;
  if (reference === undefined) throw new Failure(2, "figures needs a RUN: an id of results/runs, or a path.");
  const measured = readRun(resolveRun(reference));
  if (values.publish && measured.environment.calibrationRemark !== null)
    throw new Failure(
      1,
      `A run is published with a calibration that fits it, and this one has none: ${measured.environment.calibrationRemark} ` +
        "Calibrate, measure again, and publish that.",
    );
  if (values.publish)
    process.stderr.write(`readymark: published ${relative(process.cwd(), publishRun(measured))}\n`);
  const isolated = values.isolated === undefined ? null : readRun(resolveRun(values.isolated));
  const texts = new Map(Object.entries(BLOCKS).map(([name, make]) => [name, make(measured, isolated)]));
  const written = documents().flatMap((path) => {
    const before = readFileSync(path, "utf8");
    const after = before.replaceAll(BLOCK, (whole, name: string) => {
      const text = texts.get(name);
      if (text === undefined)
        throw new Failure(1, `${relative(PROJECT_ROOT, path)} has figures "${name}", which nothing makes.`);
      return text === null ? whole : `<!-- figures: ${name} -->\n\n${text}\n\n<!-- /figures -->`;
    });
    if (after === before) return [];
    replaceFile(path, after);
    return [relative(PROJECT_ROOT, path)];
  });
  // The formatter lines up the columns, which a check of every document asks for.
  if (written.length > 0)
    execFileSync(join(PROJECT_ROOT, "node_modules", ".bin", "oxfmt"), written, { cwd: PROJECT_ROOT });
  if (written.length === 0) throw new Failure(1, "No document has figures that this run could change.");
  process.stderr.write(`readymark: wrote figures of ${measured.id} into ${written.join(", ")}\n`);
  return Promise.resolve(0);
}

const BLOCK = /<!-- figures: (\w+) -->\n[^]*?<!-- \/figures -->/g;

function documents(): string[] {
  const docs = join(PROJECT_ROOT, "docs");
  const pages = readdirSync(docs).filter((file) => file.endsWith(".md"));
  return [join(PROJECT_ROOT, "README.md"), ...pages.map((file) => join(docs, file))];
}

export default {
  name: "figures",
  summary: "write the tables of README.md and docs/ from a run",
  help: HELP,
  run,
} satisfies Command;
