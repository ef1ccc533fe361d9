/** `readymark bench`: measures servers and writes a report. */
import { join, relative } from "node:path";
import { resumeBench, runBench, type BenchHooks, type FinishedBench } from "../../harness/index.ts";
import { renderReport, writeReports } from "../../harness/reports/registry.ts";
import type { Command } from "../arguments.ts";
import { HELP } from "../bench/help.ts";
import { renderList } from "../bench/list.ts";
import { showProgress } from "../bench/progress.ts";
import { readBenchCommand, type BenchCommand } from "../bench/request.ts";
import { SIGNAL_EXIT_CODES, untilSignal, type EndingSignal } from "../signals.ts";

async function run(argv: readonly string[]): Promise<number> {
  const command = readBenchCommand(argv);
  if (command.list) {
    process.stdout.write(await renderList());
    return 0;
  }
  const finished = await measure(command);
  if (typeof finished === "string") return SIGNAL_EXIT_CODES[finished];
  await present(finished, command.json);
  return finished.run.cells.some(({ status }) => status === "failed" || status === "invalid") ? 1 : 0;
}

/** Measures until the run is complete, or until a signal, which is returned. */
async function measure(command: BenchCommand): Promise<FinishedBench | EndingSignal> {
  const interruption = untilSignal();
  const progress = showProgress(process.stderr);
  let started: FinishedBench | null = null;
  const hooks: BenchHooks = {
    signal: interruption.signal,
    onStart: (run, folder) => (started = { run, folder }),
    onForecast: (sentence) => process.stderr.write(`readymark: ${sentence}\n`),
    onProgress: progress.update,
  };
  try {
    return command.resume === null
      ? await runBench(command.request, hooks)
      : await resumeBench(command.resume, hooks, command.outFolder, command.request.broker);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    progress.clear();
    process.stderr.write(`readymark: ${interruptionText(interruption.signal.reason, started)}\n`);
    return interruption.signal.reason as EndingSignal;
  } finally {
    progress.clear();
    interruption.forget();
  }
}

function interruptionText(signal: EndingSignal, started: FinishedBench | null): string {
  const done = started?.run.cells.reduce((sum, cell) => sum + cell.samples.length, 0) ?? 0;
  const resume =
    started !== null && done > 0
      ? ` Go on with: npm run bench -- --resume ${relative(process.cwd(), started.folder)}`
      : "";
  return `stopped by ${signal}; ${done} samples are on disk.${resume}`;
}

/** Writes every report that is a file, then prints the table, or the run itself as JSON. */
async function present({ run, folder }: FinishedBench, json: boolean): Promise<void> {
  const written = await writeReports(run, folder);
  const surface = { columns: process.stdout.columns ?? 120, colour: process.stdout.hasColors?.() ?? false };
  process.stdout.write(await renderReport(json ? "json" : "terminal", run, surface));
  const files = [join(folder, "run.json"), ...written].map((path) => relative(process.cwd(), path));
  if (!json) process.stderr.write(`\nreadymark: wrote ${files.join(", ")}\n`);
}

export default {
  name: "bench",
  summary: "measure servers and write a report",
  help: HELP,
  run,
} satisfies Command;
