/**
 * Small pieces of the hot path, one at a time, by tinybench: `npm run micro`. A generation is a fresh process, as everywhere, and
 * the result is a run like any other, so that reports, `compare` and the dashboard need to know nothing about it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Type } from "typebox";
import { nodeProgram } from "../children/node-program.ts";
import { Failure } from "../failure.ts";
import { withinSeconds } from "../machine/time-limit.ts";
import { unknownName } from "../unknown-name.ts";
import { outputReader } from "../machine/child-output.ts";
import { readEnvironment } from "../machine/environment.ts";
import { spawnSupervised } from "../machine/supervised.ts";
import { MICRO } from "../results/cell-id.ts";
import { resultId } from "../results/result-id.ts";
import {
  ERROR_CLASSES,
  SCHEMA,
  type Cell,
  type LoadResult,
  type Plan,
  type Run,
  type Sample,
} from "../results/run.ts";
import { cellStatus, summarise } from "../results/summary.ts";
import { readMeasured, type Measured } from "./measured.ts";
import { pieceId, type Piece } from "./piece.ts";
import { loadPieces } from "./pieces.ts";

export interface MicroRequest {
  /** Only pieces of these; null for all. */
  frameworks: readonly string[] | null;
  /** Fresh processes. */
  generations: number;
  /** Of each piece in each process, after as long a warm-up. */
  seconds: number;
  cpus: readonly number[];
  signal: AbortSignal;
  onGeneration(generation: number): void;
}

const START_SECONDS = 30;
/** A warm-up and what counts take the time that was asked for, each; the rest is for a busy machine. */
const MOST_TIMES = 10;

const readPackage = outputReader(
  "tinybench's package.json",
  Type.Object({ version: Type.String() }),
  "Run npm ci",
);

/** Rejects with a Failure when there is no such piece, or a piece does not do what it should. */
export async function runMicro(request: MicroRequest): Promise<Run> {
  const { generations, signal } = request;
  const all = await loadPieces();
  const names = [...new Set(all.map(({ framework }) => framework))];
  for (const name of request.frameworks ?? [])
    if (!names.includes(name)) throw unknownName("piece", name, names);
  const pieces = all.filter(({ framework }) => request.frameworks?.includes(framework) ?? true);
  const startedAt = new Date().toISOString();
  const tinybench = dirname(createRequire(import.meta.url).resolve("tinybench"));
  const description = readFileSync(join(tinybench, "..", "package.json"), "utf8");
  const { version } = readPackage(description);
  const run: Run = {
    ...{ schema: SCHEMA, id: resultId(startedAt), startedAt, finishedAt: null },
    environment: readEnvironment({ tinybench: version }),
    plan: planOf(request),
    ...{ floor: [], cells: pieces.map(cellOf), warnings: [] },
  };
  const open = pieces.filter((piece) => piece.obstacle() === null);
  for (let generation = 0; generation < generations; generation++) {
    signal.throwIfAborted();
    request.onGeneration(generation);
    const began = new Date().toISOString();
    const seen = await measureAll(open, request);
    for (const piece of open) {
      const cell = run.cells.find(({ id }) => id === pieceId(piece));
      const measured = seen[pieceId(piece)];
      if (cell === undefined || measured === undefined)
        throw new Failure(1, `The process of small pieces said nothing of ${pieceId(piece)}.`);
      cell.samples.push(sampleOf(measured, generation, began));
    }
  }
  for (const cell of run.cells) {
    if (cell.status === "unavailable") continue;
    Object.assign(cell, cellStatus(cell.samples, generations));
    cell.summary = summarise(cell.samples, cell.operations);
  }
  run.finishedAt = new Date().toISOString();
  return run;
}

async function measureAll(
  pieces: readonly Piece[],
  { seconds, cpus, signal }: MicroRequest,
): Promise<Record<string, Measured>> {
  let output = "";
  const { command, args } = nodeProgram(join(import.meta.dirname, "micro-process"));
  const child = spawnSupervised({
    ...{ command, cpus, ipc: false },
    args: [...args, String(seconds * 1000), ...pieces.map(pieceId)],
    onStdout: (text) => (output += text),
  });
  signal.addEventListener("abort", child.kill);
  try {
    const how = await withinSeconds(
      START_SECONDS + pieces.length * (MOST_TIMES * seconds + 1),
      "Measuring the small pieces",
      child.ended,
    );
    signal.throwIfAborted();
    if (how === "exited with code 0") return readMeasured(output);
    throw new Failure(1, `The process of small pieces ${how}: ${child.stderrTail().join(" | ")}`);
  } finally {
    signal.removeEventListener("abort", child.kill);
    await child.kill();
  }
}

function planOf({ generations, seconds, cpus }: MicroRequest): Plan {
  return {
    ...{ seed: 0, generations, effort: "default", trace: "none" },
    ...{ warmupSeconds: seconds, warmupLimitSeconds: seconds, durationSeconds: seconds },
    ...{ sliceSeconds: seconds, discardSeconds: 0, isolated: true, baseline: null, timeoutSeconds: 0 },
    ...{ shards: 0, serverCpus: [...cpus], clientCpus: [], commands: [], port: 0 },
    ...{ address: null, engines: [], node: null },
  };
}

function cellOf(piece: Piece): Cell {
  const { framework, variant, protocol, parameters } = piece;
  const reason = piece.obstacle();
  return {
    ...{
      id: pieceId(piece),
      framework,
      variant,
      protocol,
      scenario: MICRO,
      loop: "closed",
      operations: "calls",
    },
    ...{ parameters, status: reason === null ? "pending" : "unavailable", reason },
    ...{ serverStderr: [], version: null, conformance: null, samples: [], otherEngines: [], backEnd: null },
    ...{ trace: null, traceReason: "Small pieces are not traced.", summary: null },
  };
}

function sampleOf(
  { calls, nsPerCall, cpuNsPerCall }: Measured,
  generation: number,
  startedAt: string,
): Sample {
  return {
    ...{ generation, warmUp: null, cycles: [], cyclesLeftOut: {}, stalls: [], seed: 0, startedAt },
    measuredAlone: "Pieces are measured one at a time, in a process without a server.",
    ...{ status: "ok", reason: null, load: loadOf(calls, nsPerCall, cpuNsPerCall) },
    ...{ serverCpuNsPerOp: cpuNsPerCall, clientCpuNsPerOp: null, serverUserShare: null },
    ...{ serverContextSwitchesPerOp: null, serverRssBytes: null, connectionsPerShard: null },
    ...{ validity: { verdict: "valid", checks: [] }, counters: null, machine: null },
  };
}

/** There is no load generator, so nothing is known of one. */
function loadOf(calls: number, nsPerCall: number, cpuNsPerCall: number): LoadResult {
  const errors = Object.fromEntries(
    ERROR_CLASSES.map((name) => [name, 0]),
  ) as LoadResult["accounting"]["errors"];
  return {
    ...{ windowSeconds: (calls * nsPerCall) / 1e9, operations: calls },
    accounting: { sent: calls, ok: calls, inFlight: 0, errors, firstError: null },
    ...{
      latency: null,
      stages: {},
      serverCpuNs: calls * cpuNsPerCall,
      neighboursCpuNs: null,
      clientCpuNs: null,
    },
    ...{ clientLongestPauseNs: null, clientBusyShare: [], clientWaitShare: null, scheduled: null },
    ...{ sentInWindow: null, edgeInFlight: null, meanInFlight: null, seriesStepSeconds: 1, series: [] },
  };
}
