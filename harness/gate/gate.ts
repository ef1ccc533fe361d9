/** The gate: block after block, with four looks fixed in advance, until a verdict may be given or none can be. */
import {
  PAIRS,
  type EndpointId,
  type GateCell,
  type GateEndpoint,
  type GateRecord,
  type Pair,
  type SystemCallPolicy,
} from "../results/gate.ts";
import type { Plan } from "../results/run.ts";
import { lookCounts } from "../statistics/sequential.ts";
import { unitsOf, type GateSides, type Unit } from "./arms.ts";
import { HeadFailed, measureBlock, requireConformance, type BlockTools } from "./block.ts";
import { difference, endpointsOf } from "./endpoints.ts";
import { judge } from "./judge.ts";
import { findSlowdowns, SlowdownUnknown } from "./slowdown.ts";
import { compareSystemCalls, moreCallsText } from "./system-calls.ts";

export interface GateJob extends GateSides {
  plan: Plan;
  /** No block begins later than this after the sides are ready; the gate is then inconclusive. */
  mostSeconds: number;
  /** Whether a head that makes more system calls fails for it, or is only reported, or they are not counted. */
  systemCalls: SystemCallPolicy;
  record: GateRecord;
  signal: AbortSignal;
  onProgress(record: GateRecord, phase: string): void;
}

/** Blocks are rejected without a look at what they compare; more than this share of all, and the machine cannot tell. */
const MOST_REJECTED_SHARE = 0.5;

/** Fills the record. Throws the signal's reason when aborted, and a Failure when there is nothing to compare. */
export async function runGate(job: GateJob): Promise<GateRecord> {
  const { record, plan, signal, onProgress } = job;
  const startedAtMs = performance.now();
  const tools: BlockTools = {
    plan,
    warmUps: new Map(),
    signal,
    onPhase: (phase) => onProgress(record, phase),
  };
  try {
    const plainUnits = unitsOf(job, () => null);
    for (const unit of plainUnits) await requireConformance(unit, tools);
    if (job.systemCalls !== "off") await compareSystemCalls(record, plainUnits, tools);
    else record.systemCallsReason = "The gate was asked not to count them.";
    const moreCalls = job.systemCalls === "fail" ? moreCallsText(record) : null;
    // They were counted and not estimated, so no control speaks against them, and no block could.
    if (moreCalls !== null) conclude(record, "fail", moreCalls);
    else await measureSides(job, startedAtMs, tools);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HeadFailed) conclude(record, "fail", error.message);
    else if (error instanceof SlowdownUnknown) conclude(record, "environment", error.message);
    else throw error;
  }
  record.finishedAt = new Date().toISOString();
  return record;
}

/** Finds how much to slow the base, and measures block after block. */
async function measureSides(job: GateJob, startedAtMs: number, tools: BlockTools): Promise<void> {
  const { record } = job;
  await findSlowdowns(job, record, tools);
  const units = unitsOf(job, (key) => record.slowdowns[key] ?? null);
  record.cells = units.flatMap(cellsOf);
  await takeLooks(job, startedAtMs, units, tools);
}

async function takeLooks(
  job: GateJob,
  startedAtMs: number,
  units: readonly Unit[],
  tools: BlockTools,
): Promise<void> {
  const { record } = job;
  const { mostBlocks } = record;
  for (const [look, wanted] of lookCounts(mostBlocks).entries()) {
    while (record.blocks < wanted) {
      if (performance.now() - startedAtMs > job.mostSeconds * 1000)
        return conclude(
          record,
          "inconclusive",
          `The time was up after ${record.blocks} of ${mostBlocks} blocks.`,
        );
      if (record.rejected.length > MOST_REJECTED_SHARE * mostBlocks)
        return conclude(
          record,
          "environment",
          `This environment cannot tell: ${record.rejected.length} blocks were rejected, the last because: ${record.rejected.at(-1)}`,
        );
      await takeBlock(record, units, tools);
    }
    const verdict = judge(record, look);
    if (verdict !== null) return conclude(record, verdict.verdict, verdict.reason);
  }
}

function conclude(record: GateRecord, verdict: GateRecord["verdict"], reason: string): void {
  Object.assign(record, { verdict, reason });
}

/** All units, or none: a block counts for every cell or for no cell. */
async function takeBlock(record: GateRecord, units: readonly Unit[], tools: BlockTools): Promise<void> {
  const block = record.blocks + record.rejected.length;
  const found: [GateCell, Map<Pair, Map<EndpointId, number>>][] = [];
  for (const unit of units) {
    tools.signal.throwIfAborted();
    const { samples, rejected } = await measureBlock(unit, block, tools);
    if (samples === null) {
      record.rejected.push(rejected);
      return;
    }
    for (const [index, cell] of cellsIn(record, unit).entries()) {
      const pairs = new Map<Pair, Map<EndpointId, number>>();
      const base = samples.get("base")?.[index];
      for (const pair of PAIRS) {
        const other = samples.get(pair)?.[index];
        if (base === undefined || other === undefined) continue;
        const values = new Map<EndpointId, number>();
        for (const { id } of cell.pairs[pair]) {
          const value = difference(id, base, other);
          if (value !== null) values.set(id, value);
        }
        pairs.set(pair, values);
      }
      found.push([cell, pairs]);
    }
  }
  for (const [cell, pairs] of found)
    for (const [pair, values] of pairs)
      for (const endpoint of cell.pairs[pair]) {
        const value = values.get(endpoint.id);
        if (value !== undefined) endpoint.differences.push(value);
      }
  record.blocks += 1;
}

function cellsOf(unit: Unit): GateCell[] {
  return (unit.arms.get("base") ?? []).map(({ cell }) => {
    const endpoints = (): GateEndpoint[] =>
      endpointsOf(cell.loop).map((id) => ({ id, differences: [], look: null }));
    return {
      ...{
        server: unit.server,
        protocol: unit.protocol,
        scenario: cell.scenario,
        parameters: cell.parameters,
      },
      pairs: { head: endpoints(), "base again": endpoints(), "base slowed": endpoints() },
      notJudged: [],
    };
  });
}

function cellsIn(record: GateRecord, { server, protocol }: Unit): GateCell[] {
  return record.cells.filter((cell) => cell.server === server && cell.protocol === protocol);
}
