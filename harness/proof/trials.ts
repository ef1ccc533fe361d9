/** Live trials: whole gates on this machine, one after another, each appended to the record when it is over. */
import type { SideServer } from "../gate/arms.ts";
import { runGate } from "../gate/gate.ts";
import { environmentOf, NO_SLOWDOWN } from "../gate/preload.ts";
import { prepareGate } from "../gate/request.ts";
import { serversOf } from "../gate/sides.ts";
import { findSlowdowns } from "../gate/slowdown.ts";
import { Failure } from "../failure.ts";
import { CODE_ROOT } from "../project.ts";
import { GATE_SCHEMA, type GateRecord, type Slowdown } from "../results/gate.ts";
import type { Environment } from "../results/run.ts";
import { TRIAL_SCHEMA, type Trial } from "../results/proof.ts";
import { nextKind, type TrialKind } from "./kinds.ts";
import { appendTrial, type ProofFile } from "./record.ts";

export interface ProofJob {
  file: ProofFile;
  /** Trials that were recorded before. */
  trials: Trial[];
  server: string;
  /** No trial begins later than this. */
  mostSeconds: number;
  /** Only trials of this kind; null for whichever is furthest behind. */
  kind: TrialKind | null;
  signal: AbortSignal;
  /** Called with the name of the kind before each trial. */
  onStart(kind: string): void;
  onTrial(trial: Trial): void;
}

/** Takes trials until the time is up. Throws the signal's reason when aborted; the trials that were over are kept. */
export async function takeTrials(job: ProofJob): Promise<void> {
  const startedAtMs = performance.now();
  const servers = await serversOf(CODE_ROOT, [job.server]);
  while (performance.now() - startedAtMs < job.mostSeconds * 1000) {
    const kind = job.kind ?? nextKind(countsOf(job.trials));
    job.onStart(kind.name);
    const trial = await takeTrial(job, servers, kind);
    appendTrial(job.file, trial);
    job.trials.push(trial);
    job.onTrial(trial);
  }
}

function countsOf(trials: readonly Trial[]): Map<string, number> {
  return new Map([...Map.groupBy(trials, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]));
}

async function takeTrial(job: ProofJob, base: readonly SideServer[], kind: TrialKind): Promise<Trial> {
  const { signal } = job;
  const prepared = await prepareGate(
    { scenarios: [kind.scenario], mostMinutes: 60 },
    { base: job.server, head: `${job.server}, ${kind.title}` },
  );
  const { record, plan, workloads } = prepared;
  const machine = machineText(record.environment);
  const key = `${base[0]?.name} over tcp`;
  // Anew in each trial, as in each gate, because an operation takes longer at some times and the loop does not.
  await findSlowdowns({ base, head: base, workloads }, record, {
    plan,
    warmUps: new Map(),
    signal,
    onPhase: () => undefined,
  });
  const found = record.slowdowns[key];
  if (found === undefined) throw new Failure(4, record.slowReasons.join(" "));
  const injected = kind.slowdown(found.loops);
  await runGate({
    ...{ ...prepared, base, head: base.map((server) => slowed(server, injected)), signal },
    onProgress: () => undefined,
  });
  return trialOf(record, kind, injected, machine);
}

function slowed(server: SideServer, injected: Slowdown): SideServer {
  if (JSON.stringify(injected) === JSON.stringify(NO_SLOWDOWN)) return server;
  return { ...server, source: () => server.source(environmentOf(injected)) };
}

function trialOf(record: GateRecord, kind: TrialKind, injected: Slowdown, machine: string): Trial {
  const { verdict, reason, finishedAt, environment } = record;
  if (verdict === null || reason === null || finishedAt === null)
    throw new Error(`The trial of ${kind.name} ended without a verdict.`);
  const more = record.systemCalls.flatMap((one) => Object.entries(one.more));
  return {
    ...{ schema: TRIAL_SCHEMA, gate: GATE_SCHEMA, kind: kind.name, injected },
    ...{ startedAt: record.startedAt, finishedAt, machine },
    commit: environment.git === null ? null : `${environment.git.commit}${environment.git.dirty ? "+" : ""}`,
    ...{ seed: record.seed, margins: record.margins, mostBlocks: record.mostBlocks, blocks: record.blocks },
    ...{ rejected: record.rejected, slowdowns: record.slowdowns, moreCalls: Object.fromEntries(more) },
    ...{ cells: record.cells, verdict, reason },
  };
}

function machineText({ cpu, kernel, versions }: Environment): string {
  return `${cpu.model}, ${cpu.count} CPUs, ${kernel}, Node.js ${versions["node"] ?? "?"}`;
}
