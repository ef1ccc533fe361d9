/** Brings a new run together from a request. */
import { join } from "node:path";
import { STREAM_PROTOCOLS, type Availability } from "../contract.ts";
import { runConformance } from "../conformance/suite.ts";
import {
  discoverFrameworks,
  discoverScenarios,
  peerModulesOf,
  type DiscoveredFramework,
} from "./discovery.ts";
import { requireEngines } from "../engines/engines.ts";
import { Failure } from "../failure.ts";
import { nodeOfServers } from "../results/comparable.ts";
import { SCHEMA, type Plan, type Run } from "../results/run.ts";
import { resultId } from "../results/result-id.ts";
import { readEnvironment } from "../machine/environment.ts";
import { availabilitiesUnder, nodeVersion } from "./other-node.ts";
import { canHaveOtherEngines, planCells, type Candidate, type PlannedCell } from "./cells.ts";
import { unknownName } from "../unknown-name.ts";
import { copyName, isNamed, nameOfCopy } from "../results/server-name.ts";
import { selectScenarios, selectVariants, type SelectedVariant } from "./selection.ts";
import { addressServer, commandServer } from "../children/server/external-server.ts";
import { frameworkSource } from "../children/server/framework-server.ts";
import { serverProcesses as serverProcessesOf } from "../children/server/server-processes.ts";
import type { ServerSource } from "../children/server/server.ts";
import { parseAddress } from "./address.ts";
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
  const planned = planCells(candidates, scenarios, request, options);
  requireBaseline(plan.baseline, planned);
  await requireEngines(plan.engines);
  if (
    plan.node !== null &&
    request.frameworks === null &&
    (plan.commands.length > 0 || plan.address !== null)
  )
    throw new Failure(
      2,
      "--node is for the servers of this project, and this bench has none; name some with --frameworks.",
    );
  if (plan.engines.length > 0 && !planned.some(({ cell }) => canHaveOtherEngines(cell)))
    throw new Failure(2, "--engine measures echoes over http, without pipelining, and this bench has none.");
  const startedAt = new Date().toISOString();
  const id = resultId(startedAt);
  const run: Run = {
    schema: SCHEMA,
    id,
    startedAt,
    finishedAt: null,
    environment: readEnvironment(versionsOf(candidates, plan.node)),
    plan,
    cells: planned.map(({ cell }) => cell),
    floor: [],
    warnings: [],
  };
  return { run, planned, folder: join(request.outFolder, id) };
}

async function candidatesOf(request: CompleteRequest): Promise<Candidate[]> {
  const external = await externalCandidates(request);
  if (external.length > 0 && request.frameworks === null) return external;
  const frameworks = await discoverFrameworks();
  const selected = selectVariants(frameworks, request.frameworks, request.options.effort);
  const { node } = request.plan;
  const elsewhere = node === null ? null : await availabilitiesUnder(node);
  const own = await Promise.all(
    selected.map(async (one) => {
      const name = `${one.discovered.framework.name}/${one.variant.name}`;
      const availability = elsewhere?.[name] ?? (await one.variant.availability());
      return frameworkCandidate(one, availability, frameworks, request.plan);
    }),
  );
  return [...external, ...own];
}

function frameworkCandidate(
  { discovered, variant, copy }: SelectedVariant,
  availability: Availability,
  frameworks: readonly DiscoveredFramework[],
  plan: Plan,
): Candidate {
  return {
    availability: plan.serverProcesses !== undefined && !variant.shardable ? UNSHARED : availability,
    framework: copyName(discovered.framework.name, copy),
    variant: variant.name,
    protocols: variant.protocols,
    backEnd: variant.backEnd ?? null,
    source: ownSource(discovered, variant.name, frameworks, plan),
  };
}

const UNSHARED: Availability = {
  available: false,
  reason:
    "It cannot share a port with other processes of itself, and one process may not have as many open files as this bench needs.",
};

function ownSource(
  { moduleUrl }: DiscoveredFramework,
  variant: string,
  frameworks: readonly DiscoveredFramework[],
  { node, host, serverProcesses }: Plan,
): ServerSource {
  const sharesPort = serverProcesses !== undefined;
  const peers = peerModulesOf(frameworks);
  const address = host === undefined ? {} : { host };
  const source = frameworkSource({ moduleUrl, variant, peers, node, sharesPort, ...address });
  return serverProcesses === undefined ? source : serverProcessesOf(source, serverProcesses);
}

/** The user's own servers, which have no variants. */
function externalCandidates({ plan, protocols }: CompleteRequest): Promise<Candidate[]> {
  const candidates = [...externalSources(plan)].map(async ([framework, source]): Promise<Candidate> => ({
    framework,
    variant: "default",
    protocols: protocols ?? (await protocolsSpoken(source, plan)),
    availability: { available: true, version: "external" },
    backEnd: null,
    source,
  }));
  return Promise.all(candidates);
}

/** By the name that a result has for each. */
function externalSources({ commands, address, host, agents }: Plan): Map<string, ServerSource> {
  if (address !== null) {
    const { host: elsewhere, port } = parseAddress(address, agents !== undefined);
    return new Map([["address", addressServer(elsewhere, port)]]);
  }
  const name = (index: number): string => (commands.length === 1 ? "command" : `command-${index + 1}`);
  return new Map(
    commands.map((command, index) => [name(index), commandServer(command, {}, undefined, host)]),
  );
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
    for (const protocol of STREAM_PROTOCOLS) {
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

/** How the server of a cell is started; null when this version of readymark has no such server. */
export function sourceOf(
  plan: CompleteRequest["plan"],
  frameworks: readonly DiscoveredFramework[],
  framework: string,
  variant: string,
): ServerSource | null {
  const external = externalSources(plan).get(framework);
  if (external !== undefined) return external;
  const discovered = frameworks.find((one) => one.framework.name === nameOfCopy(framework));
  if (discovered === undefined) return null;
  return ownSource(discovered, variant, frameworks, plan);
}

function requireBaseline(baseline: string | null, planned: readonly PlannedCell[]): void {
  if (baseline === null || planned.some(({ cell }) => isNamed(cell, baseline))) return;
  const names = [...new Set(planned.map(({ cell }) => `${cell.framework}/${cell.variant}`))];
  throw unknownName("baseline among the servers of this bench", baseline, names);
}

function versionsOf(candidates: readonly Candidate[], node: string | null): Record<string, string> {
  const own = candidates.flatMap(({ framework, variant, availability }) =>
    availability.available ? [[versionName(framework, variant), availability.version] as const] : [],
  );
  return { ...(node === null ? {} : nodeOfServers(nodeVersion(node))), ...Object.fromEntries(own) };
}

export function versionName(framework: string, variant: string): string {
  return variant === "default" ? framework : `${framework}/${variant}`;
}
