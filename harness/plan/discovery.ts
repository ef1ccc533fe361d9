/**
 * Finds the frameworks and scenarios by reading their folders, so that adding one means adding a file and the harness
 * never names any. What a file exports is checked here, once, so that everybody else can rely on its type.
 */
import { existsSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  LOOPS,
  PROTOCOLS,
  TIERS,
  type Framework,
  type Peer,
  type PeerModule,
  type Scenario,
  type Tier,
  type Variant,
} from "../contract.ts";
import { Failure } from "../failure.ts";
import { moduleUrl, modulesIn } from "../modules.ts";
import { CODE_ROOT, MODULE_EXTENSION } from "../project.ts";

const CODE_ROOT_URL = pathToFileURL(`${CODE_ROOT}/`);

export interface DiscoveredFramework {
  framework: Framework;
  /** The `file:` address of its module. */
  moduleUrl: string;
  /** In the framework's own order. */
  variants: readonly Variant[];
}

/**
 * Every framework below `root` (a `file:` address ending in a slash; the project by default), sorted by name.
 * Rejects with a `Failure` that names the file and what is missing in it.
 */
export async function discoverFrameworks(root: URL = CODE_ROOT_URL): Promise<DiscoveredFramework[]> {
  const modules = await Promise.all(
    frameworkFolders(root).map(async (folder) => {
      const path = `frameworks/${folder}/framework`;
      const framework = checkFramework(await defaultExport(root, path), folder);
      return { framework, moduleUrl: moduleUrl(root, path).href };
    }),
  );
  const withVariants = (module: (typeof modules)[number], peers: readonly Peer[]): DiscoveredFramework => ({
    ...module,
    variants: checkVariants(module.framework.variants(peers), module.framework.name),
  });
  const plain = modules.filter(({ framework }) => !framework.wrapsPeers).map((one) => withVariants(one, []));
  const peers = peersOf(plain);
  const wrapping = modules
    .filter(({ framework }) => framework.wrapsPeers)
    .map((one) => withVariants(one, peers));
  return [...plain, ...wrapping].toSorted((a, b) => byName(a.framework, b.framework));
}

/** The frameworks that another one may wrap. */
export function peersOf(frameworks: readonly DiscoveredFramework[]): Peer[] {
  return frameworks
    .filter(({ framework }) => !framework.wrapsPeers)
    .map(({ framework, moduleUrl, variants }) => ({ name: framework.name, moduleUrl, variants }));
}

/** The same in the form in which a server process gets them. */
export function peerModulesOf(frameworks: readonly DiscoveredFramework[]): PeerModule[] {
  return peersOf(frameworks).map(({ name, moduleUrl, variants }) => ({
    name,
    moduleUrl,
    variants: variants.map((variant) => variant.name),
  }));
}

/** Every scenario below `root`, sorted by name. Rejects with a `Failure` that names the file and what is missing in it. */
export async function discoverScenarios(root: URL = CODE_ROOT_URL): Promise<Scenario[]> {
  const folder = new URL("scenarios/", root);
  const scenarios = await Promise.all(
    modulesIn(folder).map(async (name) =>
      checkScenario(await defaultExport(root, `scenarios/${name}`), name),
    ),
  );
  return scenarios.toSorted(byName);
}

function frameworkFolders(root: URL): string[] {
  const folder = new URL("frameworks/", root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** `place` is the module's path below `root`, without its extension. */
async function defaultExport(root: URL, place: string): Promise<unknown> {
  const url = moduleUrl(root, place);
  const path = `${place}${MODULE_EXTENSION}`;
  if (!existsSync(url)) {
    throw new Failure(2, `${path} does not exist; add it, or remove its folder from frameworks/.`);
  }
  let module: { default?: unknown };
  try {
    module = (await import(url.href)) as { default?: unknown };
  } catch (error) {
    throw new Failure(
      2,
      `${path} could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (typeof module.default !== "object" || module.default === null) {
    throw new Failure(
      2,
      `${path} has no default export; it must export one object, as harness/contract.ts says.`,
    );
  }
  return module.default;
}

function checkFramework(value: unknown, folder: string): Framework {
  const file = `frameworks/${folder}/framework${MODULE_EXTENSION}`;
  const framework = value as Framework;
  requireText(file, framework, ["name", "description"]);
  requireFunctions(file, framework, ["variants", "listen"]);
  if (framework.name !== folder) {
    throw new Failure(
      2,
      `${file}: its name is "${framework.name}", but its folder is "${folder}"; make them equal.`,
    );
  }
  if (framework.wrapsPeers !== undefined && typeof framework.wrapsPeers !== "boolean") {
    throw new Failure(2, `${file}: "wrapsPeers" must be true, false or absent.`);
  }
  return framework;
}

function checkVariants(variants: readonly Variant[], framework: string): readonly Variant[] {
  const file = `frameworks/${framework}/framework${MODULE_EXTENSION}`;
  if (!Array.isArray(variants)) throw new Failure(2, `${file}: variants() must return a list.`);
  const names = new Set<string>();
  for (const variant of variants as readonly Variant[]) {
    requireText(file, variant, ["name", "description"]);
    const where = `${file}, variant "${variant.name}"`;
    requireFunctions(where, variant, ["availability"]);
    if (typeof variant.shardable !== "boolean") {
      throw new Failure(2, `${where}: "shardable" must be true or false.`);
    }
    requireTier(where, variant.tier);
    const known =
      Array.isArray(variant.protocols) && variant.protocols.every((one) => PROTOCOLS.includes(one));
    if (!known || variant.protocols.length === 0) {
      throw new Failure(2, `${where}: "protocols" must list one or more of ${PROTOCOLS.join(", ")}.`);
    }
    if (names.has(variant.name)) throw new Failure(2, `${where}: two variants have this name.`);
    names.add(variant.name);
  }
  return variants;
}

function checkScenario(value: unknown, expected: string): Scenario {
  const path = `scenarios/${expected}${MODULE_EXTENSION}`;
  const scenario = value as Scenario;
  requireText(path, scenario, ["name", "description", "operations"]);
  requireFunctions(path, scenario, ["parameters", "workload"]);
  if (scenario.name !== expected) {
    throw new Failure(
      2,
      `${path}: its name is "${scenario.name}", but its file says "${expected}"; make them equal.`,
    );
  }
  requireTier(path, scenario.tier);
  if (!LOOPS.includes(scenario.loop)) {
    throw new Failure(2, `${path}: "loop" must be one of ${LOOPS.join(", ")}.`);
  }
  return scenario;
}

function requireTier(where: string, tier: Tier): void {
  if (!TIERS.includes(tier)) throw new Failure(2, `${where}: "tier" must be one of ${TIERS.join(", ")}.`);
}

function requireText<T extends object>(where: string, value: T, keys: readonly (keyof T & string)[]): void {
  for (const key of keys) {
    if (typeof value[key] !== "string" || value[key] === "") {
      throw new Failure(2, `${where}: "${key}" is missing; it must be a text that is not empty.`);
    }
  }
}

function requireFunctions<T extends object>(
  where: string,
  value: T,
  keys: readonly (keyof T & string)[],
): void {
  for (const key of keys) {
    if (typeof value[key] !== "function") {
      throw new Failure(2, `${where}: "${key}" is missing; it must be a function.`);
    }
  }
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
