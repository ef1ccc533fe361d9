/** Brings a run together: a new one from a request, or an interrupted one from its file. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { dirname, join } from "node:path";
import { PROTOCOLS, type Availability } from "../contract.ts";
import { runConformance } from "../conformance/suite.ts";
import {
  discoverFrameworks,
  discoverScenarios,
  peerModulesOf,
  type DiscoveredFramework,
} from "./discovery.ts";
import { Failure } from "../failure.ts";
import { SCHEMA, type Environment, type Run } from "../results/run.ts";
import { readRun, resolveRun } from "../results/store.ts";
import { readEnvironment } from "../machine/environment.ts";
import { planCells, type Candidate, type PlannedCell } from "./cells.ts";
import { selectScenarios, selectVariants, type SelectedVariant } from "./selection.ts";
import { addressServer, commandServer } from "../children/server/external-server.ts";
import { frameworkSource } from "../children/server/framework-server.ts";
import type { ServerSource } from "../children/server/server.ts";
import { parseAddress } from "./address.ts";
import { RETAKE_SHARE } from "./policy.ts";
import type { CompleteRequest } from "./request.ts";

export interface PreparedRun {
  run: Run;
  planned: PlannedCell[];
  /** The folder of this run. */
  folder: string;
}

export async function prepareNewRun(request: CompleteRequest): Promise<PreparedRun> {
  const { plan, options } = request;
  const scenarios = selectScenarios(await discoverScenarios(), request.scenarios, options.effort);
  const candidates = await candidatesOf(request);
  const planned = planCells(candidates, scenarios, request.protocols, options);
  const now = new Date();
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const id = `${stamp}-${randomBytes(2).toString("hex")}`;
  const run: Run = {
    schema: SCHEMA,
    id,
    startedAt: now.toISOString(),
    finishedAt: null,
    environment: readEnvironment(versionsOf(candidates)),
    plan: { ...plan, retakes: Math.ceil(planned.length * plan.rounds * RETAKE_SHARE) },
    cells: planned.map(({ cell }) => cell),
    floor: [],
    warnings: [],
  };
  return { run, planned, folder: join(request.outFolder, id) };
}

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
    if (scenario && source) return { cell, scenario, source };
    throw new Failure(
      2,
      `The run ${run.id} has the cell ${cell.id}, which this version of readymark cannot measure.`,
    );
  });
  const { libuv: _libuv, v8: _v8, node: _node, ...frameworkVersions } = run.environment.versions;
  requireSameEnvironment(run, readEnvironment(frameworkVersions));
  return { run, planned, folder: dirname(path) };
}

async function candidatesOf(request: CompleteRequest): Promise<Candidate[]> {
  const external = await externalCandidate(request);
  if (external && request.frameworks === null) return [external];
  const frameworks = await discoverFrameworks();
  const selected = selectVariants(frameworks, request.frameworks, request.options.effort);
  const own = await Promise.all(selected.map((one) => frameworkCandidate(one, frameworks)));
  return external ? [external, ...own] : own;
}

async function frameworkCandidate(
  { discovered, variant }: SelectedVariant,
  frameworks: readonly DiscoveredFramework[],
): Promise<Candidate> {
  return {
    framework: discovered.framework.name,
    variant: variant.name,
    protocols: variant.protocols,
    availability: await variant.availability(),
    backEnd: variant.backEnd ?? null,
    source: frameworkSource(discovered.moduleUrl, variant.name, peerModulesOf(frameworks)),
  };
}

async function externalCandidate({ plan, protocols }: CompleteRequest): Promise<Candidate | null> {
  const source = externalSource(plan);
  if (source === null) return null;
  const availability: Availability = { available: true, version: "external" };
  const spoken = protocols ?? (await protocolsSpoken(source, plan));
  return {
    ...EXTERNAL,
    framework: externalName(plan),
    protocols: spoken,
    availability,
    backEnd: null,
    source,
  };
}

const EXTERNAL = { variant: "default" } as const;

function externalName(plan: CompleteRequest["plan"]): string {
  return plan.command === null ? "address" : "command";
}

function externalSource(plan: CompleteRequest["plan"]): ServerSource | null {
  if (plan.command !== null) return commandServer(plan.command);
  if (plan.address === null) return null;
  const { host, port } = parseAddress(plan.address);
  return addressServer(host, port);
}

/** Finds out which protocols an external server echoes, so that the user need not say. */
async function protocolsSpoken(
  source: ServerSource,
  plan: CompleteRequest["plan"],
): Promise<Candidate["protocols"]> {
  const server = await source({
    protocol: "tcp",
    cpus: plan.serverCpus,
    shards: plan.shards,
    port: plan.port,
  });
  try {
    const spoken: Candidate["protocols"][number][] = [];
    const refusals: string[] = [];
    for (const protocol of PROTOCOLS) {
      const [first] = await runConformance(
        { host: server.host, port: server.port, protocol },
        { form: "probe" },
      );
      if (first?.passed) spoken.push(protocol);
      else refusals.push(`${protocol}: ${first?.reason}`);
    }
    if (spoken.length > 0) return spoken;
    throw new Failure(
      1,
      `The server echoes neither tcp, http (POST) nor ws, so there is nothing to measure. ${refusals.join("; ")}`,
    );
  } finally {
    await server.stop();
  }
}

function sourceOf(
  plan: CompleteRequest["plan"],
  frameworks: readonly DiscoveredFramework[],
  framework: string,
  variant: string,
): ServerSource | null {
  const external = externalSource(plan);
  if (external && framework === externalName(plan)) return external;
  const discovered = frameworks.find((one) => one.framework.name === framework);
  return discovered ? frameworkSource(discovered.moduleUrl, variant, peerModulesOf(frameworks)) : null;
}

function versionsOf(candidates: readonly Candidate[]): Record<string, string> {
  return Object.fromEntries(
    candidates.flatMap(({ framework, variant, availability }) =>
      availability.available
        ? [[variant === "default" ? framework : `${framework}/${variant}`, availability.version]]
        : [],
    ),
  );
}

/** Samples of two machines or two builds must not end up in one run. */
function requireSameEnvironment(run: Run, now: Environment): void {
  const identity = (environment: Environment) => ({
    "CPU model": environment.cpu.model,
    "CPU count": environment.cpu.count,
    kernel: environment.kernel,
    versions: environment.versions,
    "source commit": environment.git?.commit ?? null,
    binaries: environment.binaries,
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
