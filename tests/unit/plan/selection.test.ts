import { expect, test } from "vitest";
import type { Framework, Scenario, Tier, Variant } from "../../../harness/contract.ts";
import type { DiscoveredFramework } from "../../../harness/plan/discovery.ts";
import { selectProtocols, selectScenarios, selectVariants } from "../../../harness/plan/selection.ts";

function variant(name: string, tier: Tier): Variant {
  return {
    name,
    description: name,
    protocols: ["tcp"],
    tier,
    shardable: false,
    availability: async () => ({ available: true, version: "1" }),
  };
}

function framework(name: string, variants: Variant[]): DiscoveredFramework {
  return { framework: { name } as Framework, moduleUrl: `file:///${name}`, variants };
}

const frameworks = [
  framework("plain", [variant("default", "default")]),
  framework("reactor", [variant("select", "default"), variant("epoll", "quick"), variant("rare", "named")]),
  framework("optional", [variant("one", "named"), variant("two", "named")]),
];
const names = (selection: ReturnType<typeof selectVariants>): string[] =>
  selection.map(({ discovered, variant: chosen }) => `${discovered.framework.name}/${chosen.name}`);

test("nothing named and --quick selects the quick variants only", () => {
  expect(names(selectVariants(frameworks, null, "quick"))).toEqual(["reactor/epoll"]);
});

test("the very same name twice selects the server twice, to be compared with itself", () => {
  const selected = selectVariants(frameworks, ["reactor/epoll", "reactor/epoll"], "default");
  expect(selected.map(({ copy }) => copy)).toEqual([1, 2]);
});

test("nothing named selects every default variant and nothing else", () => {
  expect(names(selectVariants(frameworks, null, "default"))).toEqual([
    "plain/default",
    "reactor/select",
    "reactor/epoll",
  ]);
});

test("a framework's name stands for its default variants", () => {
  expect(names(selectVariants(frameworks, ["reactor"], "default"))).toEqual([
    "reactor/select",
    "reactor/epoll",
  ]);
});

test("a framework without default variants stands for all of them when it is named", () => {
  expect(names(selectVariants(frameworks, ["optional"], "default"))).toEqual([
    "optional/one",
    "optional/two",
  ]);
});

test("a slash names one variant and a star all", () => {
  expect(names(selectVariants(frameworks, ["reactor/rare"], "default"))).toEqual(["reactor/rare"]);
  expect(names(selectVariants(frameworks, ["reactor/*"], "default"))).toHaveLength(3);
});

test("a variant under two names is measured once", () => {
  expect(names(selectVariants(frameworks, ["plain", "plain/default"], "default"))).toEqual(["plain/default"]);
});

test("an unknown framework gives the valid names and the nearest one", () => {
  expect(() => selectVariants(frameworks, ["reactr"], "default")).toThrow(
    'There is no framework "reactr". Did you mean "reactor"? Valid: plain, reactor, optional.',
  );
});

test("an unknown variant gives the valid names of its framework", () => {
  expect(() => selectVariants(frameworks, ["reactor/epol"], "default")).toThrow(
    'There is no variant of reactor called "epol". Did you mean "epoll"? Valid: select, epoll, rare.',
  );
});

test("an unknown protocol gives the valid ones", () => {
  expect(() => selectProtocols(["htp"])).toThrow('There is no protocol "htp". Did you mean "http"?');
});

test("an unknown scenario gives the valid ones", () => {
  expect(() => selectScenarios([{ name: "echo" } as Scenario], ["ecko"], "default")).toThrow(
    'There is no scenario "ecko". Did you mean "echo"? Valid: echo.',
  );
});
