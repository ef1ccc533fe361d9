/** The gate: block after block, with four looks fixed in advance, until a verdict may be given or none can be. */
import { Failure } from "../failure.ts";
import type { Plan } from "../results/run.ts";
import { lookAt, lookCounts } from "../statistics/sequential.ts";
import { median } from "../statistics/median.ts";
import { unitKey, unitsOf, type SideServer, type Unit, type Workloads } from "./arms.ts";
import { HeadFailed, measureBlock, requireConformance, type Block, type BlockTools } from "./block.ts";
import { difference, endpointsOf, marginsOf, type EndpointId } from "./endpoints.ts";
import { PAIRS, type GateCell, type GateEndpoint, type GateRecord, type Pair } from "./record.ts";
import { verdictOf } from "./verdict.ts";

export interface GateJob {
  base: readonly SideServer[];
  head: readonly SideServer[];
  workloads: Workloads;
  plan: Plan;
  mostBlocks: number;
  /** The gate takes no block that begins later than this after its start, and is then inconclusive. */
  mostSeconds: number;
  record: GateRecord;
  signal: AbortSignal;
  onProgress(record: GateRecord, phase: string): void;
}

/** Blocks are rejected without a look at what they compare; more than this share of all, and the machine cannot tell. */
const MOST_REJECTED_SHARE = 0.5;
/** The delay with which it is found out what a delay costs: some microseconds at each read. */
const PROBE_LOOPS = 10_000;
const PROBE_BLOCKS = 2;
/** A server whose cost grows by less than this share of itself does not go through the delay, but for noise. */
const LEAST_PROBED_SHARE = 0.05;

/** Fills the record. Throws the signal's reason when aborted, and a Failure when there is nothing to compare. */
export async function runGate(job: GateJob): Promise<GateRecord> {
  const { record, plan, signal, onProgress } = job;
  const tools: BlockTools = { plan, signal, onPhase: (phase) => onProgress(record, phase) };
  try {
    for (const unit of unitsOf(job.base, job.head, job.workloads, () => null))
      await requireConformance(unit, tools);
    await findSlowdown(job, tools);
    const loopsOf = (key: string): number | null => record.slowLoops[key] ?? null;
    const units = unitsOf(job.base, job.head, job.workloads, loopsOf);
    record.cells = units.flatMap(cellsOf);
    await takeLooks(job, units, tools);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HeadFailed)) throw error;
    Object.assign(record, { verdict: "fail", reason: error.message });
  }
  record.finishedAt = new Date().toISOString();
  return record;
}

async function takeLooks(job: GateJob, units: readonly Unit[], tools: BlockTools): Promise<void> {
  const { record, mostBlocks } = job;
  const startedAtMs = performance.now();
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

/** Looks at every endpoint that has a value of every block. */
function judge(record: GateRecord, look: number): ReturnType<typeof verdictOf> {
  const looksOf = (pair: Pair) =>
    record.cells.flatMap((cell) =>
      cell.pairs[pair].flatMap((endpoint) => {
        const isWhole = endpoint.differences.length === record.blocks;
        endpoint.look = isWhole ? lookAt(endpoint.differences, look, marginsOf(endpoint.id)) : null;
        return endpoint.look === null ? [] : [endpoint.look];
      }),
    );
  const endpoints = looksOf("head");
  const negative = looksOf("base again");
  looksOf("base slowed");
  // What the slowed base surely changes is its own CPU time, and it must do so in every cell.
  const positive = record.cells.flatMap((cell) =>
    cell.pairs["base slowed"].flatMap(({ id, look }) => (id === "server-cpu" && look !== null ? [look] : [])),
  );
  for (const cell of record.cells)
    cell.notJudged = cell.pairs.head.flatMap((one) => reasonNotJudged(one, record.blocks));
  if (endpoints.length === 0)
    throw new Failure(4, "Nothing could be compared: no endpoint has a value in every block.");
  return verdictOf({
    ...{ endpoints, negative },
    positive: Object.keys(record.slowLoops).length === 0 ? null : positive,
    isLast: look === 3,
  });
}

function reasonNotJudged({ id, differences }: GateEndpoint, blocks: number): string[] {
  if (differences.length === blocks) return [];
  return [`${id} has a value in ${differences.length} of ${blocks} blocks only, so it is not judged.`];
}

/**
 * How much longer each read has to take for the base to cost as much more as must be caught: from the cost of a known
 * delay, because how often a server reads for each operation is its own affair.
 */
async function findSlowdown(job: GateJob, tools: BlockTools): Promise<void> {
  const { record } = job;
  for (const unit of unitsOf(job.base, job.base, job.workloads, () => PROBE_LOOPS)) {
    const key = unitKey(unit);
    for (const arm of ["head", "base again"] as const) unit.arms.delete(arm);
    tools.onPhase("finding out how often the base reads");
    const amounts: number[] = [];
    for (let block = 0; amounts.length < PROBE_BLOCKS && block < 3 * PROBE_BLOCKS; block++)
      amounts.push(...slowdownIn(await measureBlock(unit, block, tools)));
    if (amounts.length > 0) record.slowLoops[key] = Math.max(1, Math.round(median(amounts)));
    else
      record.slowReasons.push(
        `${key} has no positive control: a delay at each read did not make it slower, so it does not read through the C library.`,
      );
  }
}

/** The loops that cost as much as must be caught; empty when the block does not say. */
function slowdownIn({ samples }: Block): number[] {
  const [base, slowed] = [samples?.get("base")?.[0], samples?.get("base slowed")?.[0]];
  if (base?.serverCpuNsPerOp == null || slowed?.serverCpuNsPerOp == null) return [];
  const costNs = slowed.serverCpuNsPerOp - base.serverCpuNsPerOp;
  if (costNs < LEAST_PROBED_SHARE * base.serverCpuNsPerOp) return [];
  return [(PROBE_LOOPS * base.serverCpuNsPerOp * Math.expm1(marginsOf("server-cpu").mustCatch)) / costNs];
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
