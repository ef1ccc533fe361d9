/** `readymark gate`: whether a change makes a server slower, with controls that show whether this machine can tell. */
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { Failure } from "../../harness/failure.ts";
import { checkoutsFolder } from "../../harness/gate/checkout.ts";
import { readConfig } from "../../harness/gate/config.ts";
import { runGate } from "../../harness/gate/gate.ts";
import { loadGateFormats, type GateFormat } from "../../harness/gate/gate-format.ts";
import { prepareGate, USUAL_GATE, type GateRequest } from "../../harness/gate/request.ts";
import { sidesOf, type WhatIsCompared } from "../../harness/gate/sides.ts";
import { EXIT_CODES } from "../../harness/gate/verdict.ts";
import { selectProtocols } from "../../harness/plan/selection.ts";
import { resultId } from "../../harness/results/result-id.ts";
import { GATES_FOLDER } from "../../harness/project.ts";
import { replaceFile } from "../../harness/results/replace-file.ts";
import type { GateRecord } from "../../harness/results/gate.ts";
import { change } from "../../harness/units.ts";
import { unknownName } from "../../harness/unknown-name.ts";
import { alone } from "../alone.ts";
import { parseOptions, type Command } from "../arguments.ts";
import { GATE_OPTIONS, requestOf, whatIsCompared, type GateValues } from "../gate-options.ts";

const HELP = `usage: npm run -s readymark -- gate --base X --head Y [options]
       npm run -s readymark -- gate --base-command CMD --head-command CMD [options]

X and Y are commits, branches or tags of this repository, or folders of checkouts. CMD is a shell command that listens on
the port in its environment variable PORT. What is not on the command line comes from readymark.config.ts of the current
folder, if there is one, which can also name servers of your own.

  --config FILE       another configuration file
  --frameworks A,B    servers of readymark's checkouts (default: reactor/epoll)
  --scenarios A,B     workloads (default: ${USUAL_GATE.scenarios.join(",")})
  --protocols A,B     tcp, http, ws (default: ${USUAL_GATE.protocols.join(",")})
  --connections N,M   connections of the load
  --min-effect P      what must be caught of CPU and time per operation, in percent; two fifths of it are ignorable (default: 5)
  --max-blocks N      blocks at most, 8 or more; there is a look after each quarter of them (default: ${USUAL_GATE.mostBlocks})
  --max-minutes N     no block begins later than this, and the gate is then inconclusive (default: ${USUAL_GATE.mostMinutes})
  --duration D        measured time of each server in each block (default: ${USUAL_GATE.durationSeconds}s)
  --warmup D          load that a server gets before it counts, at least (default: ${USUAL_GATE.warmupSeconds}s)
  --system-calls P    fail, report or off: what a head is told that makes more of them (default: ${USUAL_GATE.systemCalls})
  --seed N            repeats the order of an earlier gate
  --format F          terminal, markdown, json, junit or github (default: terminal)
  --out FOLDER        where gate.json, gate.md and gate.junit.xml go (default: a new folder of results/gates)

Exit code 0: pass. 1: the head is worse. 2: wrong usage, or a side that cannot be measured. 3: inconclusive. 4: this
environment cannot tell, as the controls show.
`;

async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(GATE_OPTIONS, argv);
  const formats = await loadGateFormats();
  const format = formats.find(({ name }) => name === values.format);
  if (format === undefined)
    throw unknownName(
      "format",
      values.format,
      formats.map(({ name }) => name),
    );
  const config = await readConfig(values.config ?? null);
  const what = whatIsCompared(values, config);
  const request = requestOf(values, config);
  return alone(`readymark gate ${argv.join(" ")}`, async (signal) => {
    const checkouts = checkoutsFolder();
    try {
      const record = await measure(what, request, checkouts, signal);
      process.stdout.write(format.render(record, surface()));
      const files = writeFormats(formats, record, outFolder(values, record));
      process.stderr.write(`readymark: wrote ${files.join(", ")}\n`);
      return EXIT_CODES[record.verdict ?? "inconclusive"];
    } finally {
      rmSync(checkouts, { recursive: true, force: true });
    }
  });
}

async function measure(
  what: WhatIsCompared,
  request: GateRequest,
  folder: string,
  signal: AbortSignal,
): Promise<GateRecord> {
  const say = progress();
  const protocols = selectProtocols([...(request.protocols ?? USUAL_GATE.protocols)]) ?? [];
  const { names, ...sides } = await sidesOf(what, protocols, { folder, signal, say });
  return runGate({
    ...(await prepareGate(request, names)),
    ...{ ...sides, signal },
    onProgress: (current, phase) => say(progressText(current, phase)),
  });
}

/** "block 11 of at most 40, +0.4 % [−1.1 % to +1.9 %] so far, warming up". */
function progressText({ blocks, mostBlocks, cells }: GateRecord, phase: string): string {
  const [look] = cells.flatMap(({ pairs }) => pairs.head.flatMap((endpoint) => endpoint.look ?? []));
  const soFar =
    look === undefined
      ? ""
      : `, ${change(look.estimate)} [${change(look.low)} to ${change(look.high)}] so far`;
  return `block ${blocks + 1} of at most ${mostBlocks}${soFar}, ${phase}`;
}

/** A line on stderr whenever something else is done. */
function progress(): (what: string) => void {
  let last = "";
  return (what) => {
    if (what !== last) process.stderr.write(`readymark: ${what}\n`);
    last = what;
  };
}

function surface(): Parameters<GateFormat["render"]>[1] {
  return { columns: process.stdout.columns ?? 140, colour: process.stdout.hasColors?.() ?? false };
}

function outFolder({ out }: GateValues, { startedAt }: GateRecord): string {
  if (out !== undefined) return resolve(out);
  return join(GATES_FOLDER, resultId(startedAt));
}

function writeFormats(formats: readonly GateFormat[], record: GateRecord, folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return formats.flatMap(({ fileName, render }) => {
      if (fileName === null) return [];
      const path = join(folder, fileName);
      replaceFile(path, render(record, { columns: 140, colour: false }));
      return [path];
    });
  } catch (error) {
    throw new Failure(4, `The gate could not be written to ${folder}: ${(error as Error).message}.`);
  }
}

export default {
  name: "gate",
  summary: "whether a change makes a server slower",
  help: HELP,
  run,
} satisfies Command;
