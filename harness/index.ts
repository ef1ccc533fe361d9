/**
 * The benchmark as programs use it: `runBench` measures what a request names and resolves with the finished run, which
 * is on disk as well. The command line does nothing else, so whatever it can measure, a program can.
 */
import "./older-node.ts";
import { basename } from "node:path";
import { withoutIdentity, type BrokerOptions } from "./agents/broker-options.ts";
import type { AgentPool } from "./agents/pool.ts";
import type { Generator } from "./children/generator/generator.ts";
import { Failure } from "./failure.ts";
import { takeMachineLock } from "./machine/lock.ts";
import { forecast } from "./plan/forecast.ts";
import { preflight } from "./plan/preflight.ts";
import { prepareNewRun, type PreparedRun } from "./plan/prepare.ts";
import { prepareResumedRun } from "./plan/resume.ts";
import { completeRequest, type BenchRequest } from "./plan/request.ts";
import { MODULE_EXTENSION, RUNS_FOLDER } from "./project.ts";
import type { Plan, Run } from "./results/run.ts";
import { writeRun } from "./results/store.ts";
import { measureRun, type Progress } from "./run/bench.ts";

export { defineConfig } from "./gate/config.ts";
export type { GateConfig } from "./gate/config.ts";
export type { BenchRequest } from "./plan/request.ts";
export type { Progress } from "./run/bench.ts";
export type { Run } from "./results/run.ts";

export interface BenchHooks {
  /** Ends the bench; the promise then rejects with the signal's reason, and every finished sample is on disk. */
  signal?: AbortSignal;
  /** Called before the first sample, with the run as it will grow and its folder. */
  onStart?(run: Run, folder: string): void;
  /** Called with what the plan will take, in sentences, before it starts. */
  onForecast?(sentence: string): void;
  onProgress?(progress: Progress): void;
}

export interface FinishedBench {
  run: Run;
  /** The run's own folder, which holds `run.json`. */
  folder: string;
}

/**
 * Measures what the request names, with fresh processes, one bench per machine at a time. Rejects with a Failure, whose
 * message says what to do, when the request contradicts itself or this machine cannot carry it.
 */
export function runBench(request: BenchRequest = {}, hooks: BenchHooks = {}): Promise<FinishedBench> {
  return alone(async () => prepareNewRun(completeRequest(request)), request.broker ?? null, hooks);
}

/**
 * Goes on with an interrupted run: an id in `runsFolder`, a run's folder, or the path of its run.json. The agents of a run that
 * has some are found where they were unless `broker` says otherwise, or with which credentials.
 */
export function resumeBench(
  reference: string,
  hooks: BenchHooks = {},
  runsFolder: string = RUNS_FOLDER,
  broker: BrokerOptions | null = null,
): Promise<FinishedBench> {
  return alone(() => prepareResumedRun(reference, runsFolder), broker, hooks);
}

async function alone(
  prepare: () => Promise<PreparedRun>,
  broker: BrokerOptions | null,
  hooks: BenchHooks,
): Promise<FinishedBench> {
  const program = basename(process.argv[1] ?? "readymark", MODULE_EXTENSION);
  const lock = await takeMachineLock([program, ...process.argv.slice(2).map(withoutIdentity)].join(" "));
  try {
    const { run, planned, folder } = await prepare();
    const { obstacles, warnings } = preflight(run.plan, run.cells, folder);
    if (obstacles.length > 0) throw new Failure(4, `This run cannot start.\n  - ${obstacles.join("\n  - ")}`);
    for (const warning of warnings) if (!run.warnings.includes(warning)) run.warnings.push(warning);
    for (const sentence of forecast(run.plan, run.cells)) hooks.onForecast?.(sentence);
    const signal = hooks.signal ?? new AbortController().signal;
    const pool = await agentsFor(run.plan, broker, signal);
    try {
      if (pool !== null) {
        const { requireShares } = await import("./agents/session.ts");
        const connections = run.cells.map(({ parameters }) => Number(parameters["connections"] ?? Infinity));
        requireShares(pool, Math.min(...connections));
      }
      hooks.onStart?.(run, folder);
      await measureRun(run, planned, {
        signal,
        save: (current) => writeRun(folder, current),
        onProgress: (progress) => hooks.onProgress?.(progress),
        ...(pool === null ? {} : { startGenerator: () => generatorOf(pool) }),
      });
    } finally {
      await pool?.close();
    }
    return { run, folder };
  } finally {
    await lock.release();
  }
}

/** Null for a plan without agents. */
async function agentsFor(
  { agents }: Plan,
  broker: BrokerOptions | null,
  signal: AbortSignal,
): Promise<AgentPool | null> {
  if (agents === undefined) return null;
  // Loaded only when it is needed, for most benches have no agents.
  const { openPool } = await import("./agents/pool.ts");
  return openPool({ broker: broker ?? { url: agents.broker }, agents: agents.count, signal });
}

/** With as many agents as the plan wants: those that were lost are replaced, or the bench ends until they are. */
async function generatorOf(pool: AgentPool): Promise<Generator> {
  const { agentsAsGenerator } = await import("./agents/generator.ts");
  await pool.replaceLost();
  return agentsAsGenerator(pool);
}
