/** `readymark bench`: measures servers and writes a report. */
import { rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "../../harness/failure.ts";
import { loadReports } from "../../harness/reports/registry.ts";
import type { Run } from "../../harness/results/run.ts";
import { writeRun } from "../../harness/results/store.ts";
import { runBench } from "../../harness/run/bench.ts";
import { forecast } from "../../harness/run/forecast.ts";
import { takeMachineLock } from "../../harness/run/lock.ts";
import { preflight } from "../../harness/run/preflight.ts";
import type { Command } from "../arguments.ts";
import { HELP } from "../bench/help.ts";
import { renderList } from "../bench/list.ts";
import { prepareNewRun, prepareResumedRun, type PreparedRun } from "../bench/prepare.ts";
import { showProgress } from "../bench/progress.ts";
import { readBenchRequest, type BenchRequest } from "../bench/request.ts";

const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function run(argv: readonly string[]): Promise<number> {
  const request = readBenchRequest(argv);
  if (request.list) {
    process.stdout.write(await renderList());
    return 0;
  }
  const lock = await takeMachineLock(`readymark ${process.argv.slice(2).join(" ")}`);
  try {
    const prepared =
      request.resume === null
        ? await prepareNewRun(request)
        : await prepareResumedRun(request.resume, request.outFolder);
    requireMachine(request, prepared);
    for (const sentence of forecast(prepared.run.plan, prepared.run.cells))
      process.stderr.write(`readymark: ${sentence}\n`);
    const interruptedBy = await measure(prepared);
    if (interruptedBy !== null) return SIGNAL_EXIT_CODES[interruptedBy];
    await present(prepared, request.json);
    return prepared.run.cells.some(({ status }) => status === "failed" || status === "invalid") ? 1 : 0;
  } finally {
    await lock.release();
  }
}

function requireMachine({ outFolder }: BenchRequest, { run, planned }: PreparedRun): void {
  const cells = planned.map(({ cell }) => cell);
  const { obstacles, warnings } = preflight(run.plan, cells, outFolder);
  if (obstacles.length > 0) throw new Failure(4, `This run cannot start.\n  - ${obstacles.join("\n  - ")}`);
  for (const warning of warnings) if (!run.warnings.includes(warning)) run.warnings.push(warning);
}

/** Measures until the run is complete, or until a signal, which is returned. */
async function measure({
  run,
  planned,
  folder,
}: PreparedRun): Promise<keyof typeof SIGNAL_EXIT_CODES | null> {
  const interruption = new AbortController();
  const progress = showProgress(process.stderr);
  const onSignal = (signal: NodeJS.Signals): void => interruption.abort(signal);
  for (const signal of Object.keys(SIGNAL_EXIT_CODES)) process.once(signal, onSignal);
  try {
    await runBench(run, planned, {
      signal: interruption.signal,
      save: (current) => writeRun(folder, current),
      onProgress: progress.update,
    });
    return null;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    progress.clear();
    const done = run.cells.reduce((sum, cell) => sum + cell.samples.length, 0);
    const resume =
      done > 0 ? ` Go on with: npm run bench -- --resume ${relative(process.cwd(), folder)}` : "";
    process.stderr.write(
      `readymark: stopped by ${interruption.signal.reason}; ${done} samples are on disk.${resume}\n`,
    );
    return interruption.signal.reason as keyof typeof SIGNAL_EXIT_CODES;
  } finally {
    progress.clear();
    for (const signal of Object.keys(SIGNAL_EXIT_CODES)) process.off(signal, onSignal);
  }
}

/** Writes every report that is a file, then prints the table, or the run itself as JSON. */
async function present({ run, folder }: PreparedRun, json: boolean): Promise<void> {
  const formats = await loadReports();
  const written = formats.flatMap((format) => {
    if (format.fileName === null || format.name === "json") return [];
    const path = join(folder, format.fileName);
    writeWhole(path, format.render(run));
    return [relative(process.cwd(), path)];
  });
  process.stdout.write(renderForStdout(run, formats, json));
  if (!json)
    process.stderr.write(
      `\nreadymark: wrote ${[relative(process.cwd(), join(folder, "run.json")), ...written].join(", ")}\n`,
    );
}

function renderForStdout(run: Run, formats: Awaited<ReturnType<typeof loadReports>>, json: boolean): string {
  const name = json ? "json" : "terminal";
  const format = formats.find((one) => one.name === name);
  if (!format) throw new Error(`harness/reports/formats has no format named "${name}".`);
  return format.render(run, {
    columns: process.stdout.columns ?? 120,
    colour: process.stdout.hasColors?.() ?? false,
  });
}

/** A report that could not be written whole is removed; run.json has everything it would have said. */
function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw new Failure(
      4,
      `${path} could not be written: ${(error as Error).message}. Free some space, then: npm run -s readymark -- report`,
    );
  }
}

export default {
  name: "bench",
  summary: "measure servers and write a report",
  help: HELP,
  run,
} satisfies Command;
