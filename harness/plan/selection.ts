/** Turns the names a user gave into frameworks, scenarios and protocols, or says which names there are. */
import {
  PROTOCOLS,
  type BenchOptions,
  type Protocol,
  type Scenario,
  type Tier,
  type Variant,
} from "../contract.ts";
import type { DiscoveredFramework } from "./discovery.ts";
import { unknownName } from "../unknown-name.ts";

export interface SelectedVariant {
  discovered: DiscoveredFramework;
  variant: Variant;
  /** 1, or 2 and so on for one that was named again to be compared with itself. */
  copy: number;
}

/** Whether a bench of this effort includes something of this tier when the user names nothing. */
function isIncluded(tier: Tier, effort: BenchOptions["effort"]): boolean {
  return tier === "quick" || (tier === "default" && effort !== "quick");
}

/**
 * `names` are framework names, each with an optional "/variant" or "/*" for all variants. A framework without a
 * variant stands for what a default bench measures of it, or for all when that is nothing. Null selects what a bench
 * of this effort includes. The very same name again selects the same servers again, beside the first.
 */
export function selectVariants(
  frameworks: readonly DiscoveredFramework[],
  names: readonly string[] | null,
  effort: BenchOptions["effort"],
): SelectedVariant[] {
  const wanted = names ?? frameworks.map(({ framework }) => framework.name);
  const selected = wanted.flatMap((name, index): SelectedVariant[] => {
    const copy = wanted.slice(0, index + 1).filter((other) => other === name).length;
    const [frameworkName = "", variantName] = name.split(/\/(.*)/s);
    const discovered = frameworks.find(({ framework }) => framework.name === frameworkName);
    if (!discovered) {
      throw unknownName(
        "framework",
        frameworkName,
        frameworks.map(({ framework }) => framework.name),
      );
    }
    if (names === null) {
      return discovered.variants
        .filter((variant) => isIncluded(variant.tier, effort))
        .map((variant) => ({ discovered, variant, copy }));
    }
    return variantsNamed(discovered, variantName).map((variant) => ({ discovered, variant, copy }));
  });
  return selected.filter(
    (one, index) =>
      selected.findIndex(({ variant, copy }) => variant === one.variant && copy === one.copy) === index,
  );
}

function variantsNamed(
  { framework, variants }: DiscoveredFramework,
  name: string | undefined,
): readonly Variant[] {
  if (name === "*") return variants;
  if (name === undefined) {
    const defaults = variants.filter((variant) => isIncluded(variant.tier, "default"));
    return defaults.length > 0 ? defaults : variants;
  }
  const found = variants.find((variant) => variant.name === name);
  if (found) return [found];
  throw unknownName(
    `variant of ${framework.name} called`,
    name,
    variants.map((variant) => variant.name),
  );
}

/** Null selects the scenarios that belong to a bench of this effort. */
export function selectScenarios(
  scenarios: readonly Scenario[],
  names: readonly string[] | null,
  effort: BenchOptions["effort"],
): Scenario[] {
  if (names === null) return scenarios.filter((scenario) => isIncluded(scenario.tier, effort));
  return [...new Set(names)].map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found) return found;
    throw unknownName(
      "scenario",
      name,
      scenarios.map((scenario) => scenario.name),
    );
  });
}

export function selectProtocols(names: readonly string[] | null): Protocol[] | null {
  if (names === null) return null;
  return [...new Set(names)].map((name) => {
    const found = PROTOCOLS.find((protocol) => protocol === name);
    if (found) return found;
    throw unknownName("protocol", name, PROTOCOLS);
  });
}
