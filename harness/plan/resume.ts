/** Brings an interrupted run together again, from its file. */
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Failure } from "../failure.ts";
import { readEnvironment } from "../machine/environment.ts";
import { nodeOfServers } from "../results/comparable.ts";
import type { Environment, Run } from "../results/run.ts";
import { readRun, resolveRun } from "../results/store.ts";
import { isServerCell, type PlannedCell } from "./cells.ts";
import { discoverFrameworks, discoverScenarios, type DiscoveredFramework } from "./discovery.ts";
import { availabilitiesUnder, nodeVersion } from "./other-node.ts";
import { sourceOf, versionName, type PreparedRun } from "./prepare.ts";

export async function prepareResumedRun(reference: string, runsFolder: string): Promise<PreparedRun> {
  const path = resolveRun(reference, runsFolder);
  const run = readRun(path);
  if (run.finishedAt !== null) {
    throw new Failure(2, `The run ${run.id} is complete; there is nothing to resume. See ${dirname(path)}.`);
  }
  const scenarios = await discoverScenarios();
  const frameworks = await discoverFrameworks();
  const planned = run.cells.map((cell): PlannedCell => {
    const scenario = scenarios.find(({ name }) => name === cell.scenario);
    const source = sourceOf(run.plan, frameworks, cell.framework, cell.variant);
    if (scenario && source && isServerCell(cell)) return { cell, scenario, source };
    throw new Failure(
      2,
      `The run ${run.id} has the cell ${cell.id}, which this version of readymark cannot measure.`,
    );
  });
  requireSameEnvironment(run, readEnvironment(await versionsNow(run, frameworks)));
  return { run, planned, folder: dirname(path) };
}

/** The versions that the servers of a run have now, by the names that the run has them under. */
async function versionsNow(
  { plan: { node }, environment }: Run,
  frameworks: readonly DiscoveredFramework[],
): Promise<Record<string, string>> {
  const { libuv: _libuv, v8: _v8, node: _node, readymark: _own, ...versions } = environment.versions;
  const elsewhere = node === null ? null : await availabilitiesUnder(node);
  for (const { framework, variants } of frameworks)
    for (const variant of variants) {
      const name = versionName(framework.name, variant.name);
      if (versions[name] === undefined) continue;
      const found = elsewhere?.[`${framework.name}/${variant.name}`] ?? (await variant.availability());
      versions[name] = found.available ? found.version : found.reason;
    }
  return { ...versions, ...(node === null ? {} : nodeOfServers(nodeVersion(node))) };
}

/** Samples of two machines or two builds must not end up in one run. */
function requireSameEnvironment(run: Run, now: Environment): void {
  const identity = (environment: Environment) => ({
    "CPU model": environment.cpu.model,
    "CPU count": environment.cpu.count,
    kernel: environment.kernel,
    versions: environment.versions,
    "source commit": environment.git?.commit ?? null,
    "binaries or sources": environment.binaries,
  });
  const before = identity(run.environment);
  const after = identity(now);
  const changed = (Object.keys(before) as (keyof typeof before)[]).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  if (changed.length === 0) return;
  throw new Failure(
    2,
    `The run ${run.id} cannot be resumed: since it began, ${changed.join(", ")} changed, and its samples would not be comparable. Start a new run.`,
  );
}
