/**
 * `readymark gate-prove`, or `npm run gate:prove`: takes live trials of the gate until the time is up, adds each to
 * results/gate-proof/trials.jsonl, and writes what all of them say to results/gate-proof/README.md. A later call goes on where
 * this one stopped.
 */
import { join } from "node:path";
import { GATE_PROOF_FOLDER } from "../../harness/project.ts";
import { TRIAL_KINDS } from "../../harness/proof/kinds.ts";
import { readTrials } from "../../harness/proof/record.ts";
import { summaryText } from "../../harness/proof/summary.ts";
import { takeTrials } from "../../harness/proof/trials.ts";
import { replaceFile } from "../../harness/results/replace-file.ts";
import { unknownName } from "../../harness/unknown-name.ts";
import { alone } from "../alone.ts";
import { parseOptions, wholeNumber, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s gate:prove -- [--minutes N] [--kind NAME] [--server NAME]

Takes trials of the gate on this machine, each a whole gate, for N minutes (default: 60; 0 only writes the page). --kind is one
of ${TRIAL_KINDS.map(({ name }) => name).join(", ")}; without it, whichever has the fewest for its weight comes next.
--server is what is tried, one of the frameworks (default: node-net, which is slower than the load generator).
`;

const TRIALS = join(GATE_PROOF_FOLDER, "trials.jsonl");
const PAGE = join(GATE_PROOF_FOLDER, "README.md");

async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(
    {
      minutes: { type: "string", default: "60" },
      kind: { type: "string" },
      server: { type: "string", default: "node-net" },
    },
    argv,
  );
  const minutes = wholeNumber(values.minutes, "--minutes", { least: 0, most: 7 * 24 * 60 });
  const names = TRIAL_KINDS.map(({ name }) => name);
  const kind = TRIAL_KINDS.find(({ name }) => name === values.kind) ?? null;
  if (kind === null && values.kind !== undefined) throw unknownName("kind", values.kind, names);
  const trials = readTrials(TRIALS);
  const say = (sentence: string): void => void process.stderr.write(`readymark: ${sentence}\n`);
  const writePage = (): void => replaceFile(PAGE, `${summaryText(trials)}\n`);
  const work = async (signal: AbortSignal): Promise<number> => {
    await takeTrials({
      ...{ file: TRIALS, trials, server: values.server, mostSeconds: 60 * minutes, kind },
      signal,
      onStart: (name) => say(`trial ${trials.length + 1}, ${name}: begun; it takes some minutes`),
      onTrial: ({ kind: name, verdict, blocks, startedAt, finishedAt }) => {
        const seconds = Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
        say(`trial ${trials.length}, ${name}: ${verdict} after ${blocks} blocks and ${seconds} s`);
        writePage();
      },
    });
    if (trials.length > 0) writePage();
    return 0;
  };
  return alone("npm run gate:prove", work, () => `${trials.length} trials are kept`);
}

export default {
  name: "gate-prove",
  summary: "try the gate on changes whose right verdict is known",
  help: HELP,
  run,
} satisfies Command;
