/** One block: fresh processes of every arm, alive together, loaded in turn. It is the only unit that a verdict counts. */
import { runConformance } from "../conformance/suite.ts";
import { Failure } from "../failure.ts";
import type { PlannedCell } from "../plan/cells.ts";
import type { Plan, Sample } from "../results/run.ts";
import { measureGeneration } from "../run/generation.ts";
import type { ArmName, Unit } from "./arms.ts";

export interface BlockTools {
  plan: Plan;
  /** What is known of the warm-ups of each side so far. */
  warmUps: WarmUps;
  signal: AbortSignal;
  onPhase(phase: string): void;
}

/**
 * Seconds after which each side had settled in earlier blocks, by server, protocol, workload and side: the controls are the
 * base, too, and need not find out again how long it takes.
 */
type WarmUps = Map<string, (number | null)[]>;

/** The samples of each arm, in the order of its workloads; or why the machine left nothing to compare. */
export type Block = { samples: Map<ArmName, Sample[]>; rejected: null } | { samples: null; rejected: string };

/** A head that does not do its work. The base must, or there is nothing to compare with. */
export class HeadFailed extends Error {}

/** Throws HeadFailed, or a Failure when it is the base that does not work. */
export async function measureBlock(unit: Unit, block: number, tools: BlockTools): Promise<Block> {
  const { plan, signal, onPhase, warmUps } = tools;
  const cells = [...unit.arms].flatMap(([arm, planned]) =>
    planned.map((one) => ({ ...one, settledElsewhere: seenOf(warmUps, unit, arm, one) })),
  );
  const { apart } = await measureGeneration({
    ...{ plan, cells, generation: block, alone: null, signal },
    onPhase: (phase) => onPhase(phase),
  });
  const [restless] = apart;
  if (restless !== undefined)
    throw new Failure(4, `${unit.server} cannot be compared beside others. ${restless.reason}`);
  const samples = new Map<ArmName, Sample[]>();
  for (const [arm, planned] of unit.arms)
    samples.set(
      arm,
      planned.map((one) => sampleOf(one, block)),
    );
  for (const [arm, planned] of unit.arms)
    for (const one of planned) {
      const { warmUp } = sampleOf(one, block);
      if (warmUp !== null) seenOf(warmUps, unit, arm, one).push(warmUp.settledAfterSeconds);
    }
  for (const [arm, own] of samples) {
    const failed = own.find(({ status }) => status === "failed");
    if (failed !== undefined) fail(arm, `${unit.server} over ${unit.protocol}: ${failed.reason}`);
  }
  const spoiled = [...samples.values()]
    .flat()
    .find(({ status, validity }) => status === "invalid" || validity?.verdict === "not-steady");
  if (spoiled === undefined) return { samples, rejected: null };
  return { samples: null, rejected: spoiled.reason ?? "A server was still becoming faster." };
}

/** Both sides must echo correctly before they are compared. Throws as measureBlock does. */
export async function requireConformance(unit: Unit, { plan }: BlockTools): Promise<void> {
  for (const arm of ["base", "head"] as const) {
    const [planned] = unit.arms.get(arm) ?? [];
    if (planned === undefined) continue;
    const { protocol } = unit;
    const { serverCpus: cpus, shards, port } = plan;
    const server = await planned.source({ protocol, cpus, shards, port }).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      throw new Failure(2, `The ${arm}'s ${unit.server} does not start over ${protocol}: ${message}.`);
    });
    try {
      const results = await runConformance(
        { host: server.host, port: server.port, protocol },
        { form: "short" },
      );
      const failed = results.find(({ passed }) => !passed);
      if (failed !== undefined)
        fail(
          arm,
          `${unit.server} does not echo correctly over ${protocol}: ${failed.name}: ${failed.reason}`,
        );
    } finally {
      await server.stop();
    }
  }
}

function seenOf(
  warmUps: WarmUps,
  { server, protocol }: Unit,
  arm: ArmName,
  { cell }: PlannedCell,
): (number | null)[] {
  const key = JSON.stringify([server, protocol, cell.scenario, cell.parameters, arm === "head"]);
  const seen = warmUps.get(key) ?? [];
  warmUps.set(key, seen);
  return seen;
}

function fail(arm: ArmName, what: string): never {
  if (arm === "head") throw new HeadFailed(`The head fails: ${what}`);
  throw new Failure(2, `The base fails, so there is nothing to compare the head with: ${what}`);
}

function sampleOf({ cell }: PlannedCell, block: number): Sample {
  const found = cell.samples.find(({ generation }) => generation === block);
  if (found === undefined) throw new Error(`The block ${block} left no sample of ${cell.id}.`);
  return found;
}
