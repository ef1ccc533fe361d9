/** `readymark gate`: whether a change makes a server slower, with controls that show whether this machine can tell. */
import { rmSync } from "node:fs";
import { randomInt } from "node:crypto";
import type { Protocol } from "../../harness/contract.ts";
import { Failure } from "../../harness/failure.ts";
import { checkOut, checkoutsFolder } from "../../harness/gate/checkout.ts";
import { runGate } from "../../harness/gate/gate.ts";
import { GATE_SCHEMA, type GateRecord } from "../../harness/gate/record.ts";
import { commandSide, serversOf } from "../../harness/gate/sides.ts";
import type { SideServer } from "../../harness/gate/arms.ts";
import { cellTable, cellTitle, remarksOf, verdictText, whatText } from "../../harness/gate/text.ts";
import { EXIT_CODES } from "../../harness/gate/verdict.ts";
import { readEnvironment } from "../../harness/machine/environment.ts";
import { takeMachineLock } from "../../harness/machine/lock.ts";
import { discoverScenarios } from "../../harness/plan/discovery.ts";
import { completeRequest } from "../../harness/plan/request.ts";
import { selectProtocols, selectScenarios } from "../../harness/plan/selection.ts";
import { table } from "../../harness/reports/markdown-table.ts";
import { Page, writeTable } from "../../harness/reports/terminal-page.ts";
import { unknownName } from "../../harness/unknown-name.ts";
import { listOption, parseOptions, seconds, wholeNumber, type Command } from "../arguments.ts";
import { SIGNAL_EXIT_CODES, untilSignal, type EndingSignal } from "../signals.ts";

const HELP = `usage: npm run -s readymark -- gate --base X --head Y [options]
       npm run -s readymark -- gate --base-command CMD --head-command CMD [options]

X and Y are commits, branches or tags of this repository, or folders of checkouts. CMD is a shell command that listens on
the port in its environment variable PORT.

  --frameworks A,B    servers of the checkouts (default: reactor/epoll)
  --scenarios A,B     workloads (default: echo)
  --protocols A,B     tcp, http, ws (default: tcp)
  --max-blocks N      blocks at most, 8 or more; there is a look after each quarter of them (default: 40)
  --max-minutes N     no block begins later than this, and the gate is then inconclusive (default: 15)
  --duration D        measured time of each server in each block (default: 1.2s)
  --warmup D          load that a server gets before it counts, at least (default: 3s)
  --seed N            repeats the order of an earlier gate
  --format F          terminal, markdown or json (default: terminal)

Exit code 0: pass. 1: the head is worse. 2: wrong usage, or a side that cannot be measured. 3: inconclusive. 4: this
environment cannot tell, as the controls show.
`;

const FORMATS: Record<string, (record: GateRecord) => string> = {
  terminal,
  markdown,
  json: (record) => `${JSON.stringify(record, null, 2)}\n`,
};

const OPTIONS = {
  base: { type: "string" },
  head: { type: "string" },
  "base-command": { type: "string" },
  "head-command": { type: "string" },
  frameworks: { type: "string" },
  scenarios: { type: "string", default: "echo" },
  protocols: { type: "string", default: "tcp" },
  "max-blocks": { type: "string", default: "40" },
  "max-minutes": { type: "string", default: "15" },
  duration: { type: "string", default: "1.2s" },
  warmup: { type: "string", default: "3s" },
  seed: { type: "string" },
  format: { type: "string", default: "terminal" },
} as const;

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>["values"];

async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseOptions(OPTIONS, argv);
  const format = FORMATS[values.format];
  if (format === undefined) throw unknownName("format", values.format, Object.keys(FORMATS));
  requireSides(values);
  const lock = await takeMachineLock(`readymark gate ${argv.join(" ")}`);
  const interruption = untilSignal();
  const folder = checkoutsFolder();
  try {
    const record = await measure(values, folder, interruption.signal);
    process.stdout.write(format(record));
    return EXIT_CODES[record.verdict ?? "inconclusive"];
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.stderr.write(`readymark: stopped by ${interruption.signal.reason}; nothing is left running.\n`);
    return SIGNAL_EXIT_CODES[interruption.signal.reason as EndingSignal];
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await lock.release();
    interruption.forget();
  }
}

function requireSides(values: Values): void {
  const commands = [values["base-command"], values["head-command"]];
  const references = [values.base, values.head];
  const isWhole = (sides: readonly (string | undefined)[]): boolean =>
    sides.every((side) => side !== undefined);
  const isAny = (sides: readonly (string | undefined)[]): boolean => sides.some((side) => side !== undefined);
  if (isAny(commands) && isAny(references))
    throw new Failure(
      2,
      "--base and --head, or --base-command and --head-command: the gate compares one kind at a time.",
    );
  if (!isWhole(commands) && !isWhole(references))
    throw new Failure(
      2,
      "gate needs both sides: --base X --head Y, or --base-command CMD --head-command CMD.",
    );
  if (isWhole(commands) && values.frameworks !== undefined)
    throw new Failure(2, "--frameworks names servers of checkouts; leave it out with --base-command.");
}

async function measure(values: Values, folder: string, signal: AbortSignal): Promise<GateRecord> {
  const protocols = selectProtocols(listOption(values.protocols, "--protocols"));
  const seed =
    values.seed === undefined
      ? randomInt(1, 1_000_000_000)
      : wholeNumber(values.seed, "--seed", { least: 0, most: 1e9 });
  const mostBlocks = wholeNumber(values["max-blocks"], "--max-blocks", { least: 8, most: 1000 });
  const { plan, options, usualProtocols } = completeRequest({
    ...{ effort: "quick", seed, generations: mostBlocks },
    durationSeconds: seconds(values.duration, "--duration"),
    warmupSeconds: seconds(values.warmup, "--warmup"),
  });
  const scenarios = selectScenarios(
    await discoverScenarios(),
    listOption(values.scenarios, "--scenarios"),
    "quick",
  );
  const say = progress();
  const { base, head, names } = await sidesOf(values, protocols, folder, signal, say);
  const record: GateRecord = {
    ...{ schema: GATE_SCHEMA, startedAt: new Date().toISOString(), finishedAt: null },
    environment: readEnvironment({}),
    ...{ seed, ...names, mostBlocks, blocks: 0, rejected: [], slowLoops: {}, slowReasons: [] },
    ...{ cells: [], verdict: null, reason: null },
  };
  return runGate({
    ...{ base, head, plan, mostBlocks, record, signal },
    workloads: { scenarios, protocols, usualProtocols, options },
    mostSeconds: 60 * wholeNumber(values["max-minutes"], "--max-minutes", { least: 1, most: 24 * 60 }),
    onProgress: (current, phase) =>
      say(`block ${current.blocks + 1} of at most ${current.mostBlocks}, ${phase}`),
  });
}

async function sidesOf(
  values: Values,
  protocols: readonly Protocol[] | null,
  folder: string,
  signal: AbortSignal,
  say: (what: string) => void,
): Promise<{ base: SideServer[]; head: SideServer[]; names: { base: string; head: string } }> {
  const [baseCommand, headCommand] = [values["base-command"], values["head-command"]];
  if (baseCommand !== undefined && headCommand !== undefined)
    return {
      base: [commandSide(baseCommand, protocols)],
      head: [commandSide(headCommand, protocols)],
      names: { base: baseCommand, head: headCommand },
    };
  const servers = listOption(values.frameworks, "--frameworks");
  const sides = [];
  for (const reference of [values.base ?? "", values.head ?? ""]) {
    say(`making ${reference} ready`);
    const { root, description } = await checkOut(reference, folder, signal);
    sides.push({ servers: await serversOf(root, servers), description });
  }
  const [base, head] = sides as [(typeof sides)[0], (typeof sides)[0]];
  return {
    ...{ base: base.servers, head: head.servers },
    names: { base: base.description, head: head.description },
  };
}

/** A line on stderr whenever something else is done. */
function progress(): (what: string) => void {
  let last = "";
  return (what) => {
    if (what !== last) process.stderr.write(`readymark: ${what}\n`);
    last = what;
  };
}

function terminal(record: GateRecord): string {
  const page = new Page({
    columns: process.stdout.columns ?? 140,
    colour: process.stdout.hasColors?.() ?? false,
  });
  page.paragraph(verdictText(record));
  page.paragraph(whatText(record));
  for (const cell of record.cells) {
    page.heading(cellTitle(cell));
    writeTable(page, cellTable(cell));
  }
  page.line();
  for (const remark of remarksOf(record)) page.paragraph(remark, "- ");
  return page.toString();
}

function markdown(record: GateRecord): string {
  const parts = record.cells.map((cell) => `### ${cellTitle(cell)}\n\n${table(cellTable(cell))}`);
  const remarks = remarksOf(record)
    .map((remark) => `- ${remark}`)
    .join("\n");
  return `${[`**${verdictText(record)}**`, whatText(record), ...parts, remarks].join("\n\n")}\n`;
}

export default {
  name: "gate",
  summary: "whether a change makes a server slower",
  help: HELP,
  run,
} satisfies Command;
