/** The published schema against a run that has every field: each is required, and each refuses what it is not. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ResultError } from "../../../harness/results/error.ts";
import type { Run } from "../../../harness/results/run.ts";
import { runSchema } from "../../../harness/results/schema.ts";
import { asRun } from "../../../harness/results/validate.ts";
import { searchUpTo } from "../../fixtures/capacities.ts";
import { fixtureRun } from "../../fixtures/run.ts";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Steps = (string | number)[];

interface SchemaNode {
  $ref?: string;
  anyOf?: SchemaNode[];
  type?: string | string[];
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  additionalProperties?: boolean | SchemaNode;
  description?: string;
  $defs?: Record<string, SchemaNode>;
}

const SCHEMA = JSON.parse(
  readFileSync(new URL("../../../results/schema/run.schema.json", import.meta.url), "utf8"),
) as SchemaNode;

// Every test validates the whole fixture, so of each list only the items stay that show a field none before them did.
const shown = new Set<string>();
const fixture = shortened(JSON.parse(JSON.stringify(runWithSearch())) as Json, "run");

function shortened(value: Json, path: string): Json {
  if (value !== null) shown.add(path);
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      pathsIn(item, `${path}[]`).some((one) => !shown.has(one)) ? [shortened(item, `${path}[]`)] : [],
    );
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shortened(item, `${path}.${key}`)]),
  );
}

function pathsIn(value: Json, path: string): string[] {
  if (value === null) return [];
  const inside = Array.isArray(value)
    ? value.flatMap((item) => pathsIn(item, `${path}[]`))
    : typeof value === "object"
      ? Object.entries(value).flatMap(([key, item]) => pathsIn(item, `${path}.${key}`))
      : [];
  return [path, ...inside];
}

/** One load of the fixture is then that of a search for the capacity, which no other load is. */
function runWithSearch(): Run {
  const run = fixtureRun();
  const load = run.cells[0]?.samples[0]?.load;
  if (load) load.search = searchUpTo(40_000);
  return run;
}

interface Field {
  /** Where the first one of its kind stands in the fixture. */
  steps: Steps;
  schema: SchemaNode;
  /** A key of a map may be missing; a property may not. */
  isProperty: boolean;
}

function resolved(node: SchemaNode): SchemaNode {
  if (node.$ref !== undefined) return resolved(SCHEMA.$defs?.[node.$ref.replace("#/$defs/", "")] ?? {});
  const object = node.anyOf?.find((branch) => branch.type !== "null");
  return object === undefined ? node : resolved(object);
}

/** Every property of the schema that the fixture shows with a value, once, wherever it is met first. */
function findFields(): Field[] {
  const fields = new Map<string, Field>();
  const visit = (node: SchemaNode, value: Json, steps: Steps, name: string, isProperty: boolean): void => {
    if (value === null || value === undefined) return;
    if (steps.length > 0 && !fields.has(name)) fields.set(name, { steps, schema: node, isProperty });
    const { properties = {}, items, additionalProperties } = resolved(node);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        if (items) visit(items, item, [...steps, index], `${name}[]`, false);
    } else if (typeof value === "object") {
      for (const [key, item] of Object.entries(value)) {
        const own = properties[key];
        if (own) visit(own, item, [...steps, key], `${name}.${key}`, true);
        else if (typeof additionalProperties === "object")
          visit(additionalProperties, item, [...steps, key], `${name}.*`, false);
      }
    }
  };
  visit(SCHEMA, fixture, [], "", false);
  return [...fields.values()];
}

function mutated(
  steps: Steps,
  change: (parent: Record<string | number, Json>, last: string | number) => void,
): Json {
  const copy = structuredClone(fixture);
  const last = steps.at(-1) as string | number;
  const parent = steps
    .slice(0, -1)
    .reduce<Json>((value, step) => (value as Record<string | number, Json>)[step] as Json, copy);
  change(parent as Record<string | number, Json>, last);
  return copy;
}

/** As an error writes a place: `cells[3].summary`, and names that are no identifiers in brackets. */
function placeOf(steps: Steps): string {
  return steps.reduce<string>((place, step) => {
    if (typeof step === "number") return `${place}[${step}]`;
    if (!/^[A-Za-z_]\w*$/.test(step)) return `${place}[${JSON.stringify(step)}]`;
    return place === "" ? step : `${place}.${step}`;
  }, "");
}

function errorOf(value: unknown): ResultError {
  try {
    asRun(value, "run.json");
  } catch (error) {
    if (error instanceof ResultError) return error;
    throw error;
  }
  throw new Error("The value was accepted.");
}

/** A value that no other type takes for its own. */
function wrongValue(schema: SchemaNode): Json {
  const types = [resolved(schema).type ?? []].flat();
  return types.includes("boolean") ? "yes" : true;
}

const fields = findFields();
const names = fields.map((field) => [placeOf(field.steps), field] as const);
const properties = names.filter(([, { isProperty, steps }]) => isProperty && steps.length > 0);

describe("the run schema", () => {
  test("accepts the fixture", () => {
    expect(() => asRun(structuredClone(fixture), "run.json")).not.toThrow();
  });

  test("is the one that the definitions say: npm run schema writes it", () => {
    expect(SCHEMA).toEqual(JSON.parse(JSON.stringify(runSchema())));
  });

  test("has a description for every property", () => {
    const missing: string[] = [];
    const visit = (node: SchemaNode, name: string): void => {
      for (const [key, property] of Object.entries(node.properties ?? {})) {
        if (!property.description) missing.push(`${name}.${key}`);
        visit(property, `${name}.${key}`);
      }
    };
    visit(SCHEMA, "run");
    for (const [name, definition] of Object.entries(SCHEMA.$defs ?? {})) visit(definition, name);
    expect(missing).toEqual([]);
  });

  test("is exercised by the fixture in every property that can have a value yet", () => {
    const met = new Set(fields.map(({ schema }) => schema));
    const unmet: string[] = [];
    const all = [["run", SCHEMA] as const, ...Object.entries(SCHEMA.$defs ?? {})];
    const visit = (node: SchemaNode, name: string): void => {
      for (const [key, property] of Object.entries(node.properties ?? {})) {
        if (!met.has(property)) unmet.push(`${name}.${key}`);
        visit(property, `${name}.${key}`);
      }
    };
    for (const [name, definition] of all) visit(definition, name);
    const nullInFixture = ["environment.cpu.governor", "plan.baseline", "plan.address", "plan.node"];
    // Only datagrams can be lost, and only some runs have a crowd of connections or other machines; the next test has those.
    const elsewhere =
      /^(accounting\.lost|agentSeen\..*|load\.agents|plan\.(agents|host|serverProcesses).*|sample\.idleKernelBytes)$/;
    expect(unmet.filter((name) => !elsewhere.test(name)).toSorted()).toEqual(nullInFixture.toSorted());
  });

  test("has what only a run from several machines, or with a crowd of connections, has", () => {
    const run = fixtureRun();
    const agent = {
      name: "a",
      operations: 5,
      busyShare: 0.1,
      startErrorNs: -5,
      clockErrorNs: 3,
      lost: null,
    };
    const lost = { ...agent, busyShare: null, startErrorNs: null, clockErrorNs: null, lost: "gone" };
    Object.assign(run.plan, {
      ...{ host: "10.0.0.1", serverProcesses: 6 },
      agents: { count: 2, broker: "nats://10.0.0.9:4222" },
    });
    const sample = run.cells.flatMap(({ samples }) => samples).find(({ load }) => load !== null)!;
    Object.assign(sample, { idleKernelBytes: 7e7 });
    Object.assign(sample.load!, { agents: [agent, lost] });
    expect(() => asRun(run, "run.json")).not.toThrow();
  });

  // Only a load that was found by a search has one.
  const required = properties.filter(([place]) => place !== "schema" && !place.endsWith(".load.search"));
  test.each(required)("requires %s", (place, { steps }) => {
    const { problems } = errorOf(mutated(steps, (parent, last) => delete parent[last]));
    expect(problems).toContain(`${place}: expected a value, found nothing`);
  });

  test.each(names.filter(([place]) => place !== "schema"))(
    "refuses a wrong type for %s",
    (place, { steps, schema }) => {
      const wrong = wrongValue(schema);
      const { problems } = errorOf(mutated(steps, (parent, last) => (parent[last] = wrong)));
      const found = typeof wrong === "string" ? JSON.stringify(wrong) : String(wrong);
      expect(problems).toHaveLength(1);
      expect(problems[0]?.startsWith(`${place}: expected `)).toBe(true);
      expect(problems[0]?.endsWith(`, found ${found}`)).toBe(true);
    },
  );

  const objects = names.filter(([, { schema }]) => resolved(schema).additionalProperties === false);
  test.each(objects)("refuses an unknown field in %s", (place, { steps }) => {
    const changed = mutated(steps, (parent, last) => ((parent[last] as Record<string, Json>)["extra"] = 1));
    expect(errorOf(changed).problems).toEqual([
      `${place}.extra: expected no such field in readymark/run@3, found one`,
    ]);
  });
});

describe("an error about a damaged run", () => {
  function damage(change: (run: Run) => void): ResultError {
    const run = fixtureRun();
    change(run);
    return errorOf(run);
  }

  test("names the field, what was expected and what was found", () => {
    const error = damage((run) => Object.assign(run.cells[3]?.summary?.throughput ?? {}, { value: "abc" }));
    expect(error.message).toContain('cells[3].summary.throughput.value: expected a number, found "abc"');
  });

  test("names both types that a nullable object may have", () => {
    const error = damage((run) => Object.assign(run.cells[0] ?? {}, { summary: 7 }));
    expect(error.problems).toEqual(["cells[0].summary: expected an object or null, found 7"]);
  });

  test("lists the allowed values", () => {
    const error = damage((run) => Object.assign(run.plan, { effort: "huge" }));
    expect(error.problems).toEqual(['plan.effort: expected one of "quick", "default", "full", found "huge"']);
  });

  test("refuses a number that JSON cannot hold", () => {
    const error = damage((run) =>
      Object.assign(run.cells[0]?.samples[0] ?? {}, { serverRssBytes: Number.NaN }),
    );
    expect(error.problems).toEqual([
      "cells[0].samples[0].serverRssBytes: expected a number or null, found NaN",
    ]);
  });

  test("refuses a negative count", () => {
    const error = damage((run) => Object.assign(run.plan, { seed: -1 }));
    expect(error.problems).toEqual(["plan.seed: expected a number of at least 0, found -1"]);
  });

  test("refuses two cells with one id", () => {
    const error = damage((run) => Object.assign(run.cells[4] ?? {}, { id: run.cells[1]?.id }));
    expect(error.problems[0]).toContain("cells[4].id: expected an id of its own, found that of cells[1]");
  });

  test("shows the first few of many and counts the rest", () => {
    const error = damage((run) => {
      for (const cell of run.cells.slice(0, 9)) Object.assign(cell, { version: 1 });
    });
    expect(error.message.split("\n").at(-1)).toBe("  and 4 more");
  });

  test("says to upgrade for a later version", () => {
    const error = damage((run) => Object.assign(run, { schema: "readymark/run@4" }));
    expect(error.kind).toBe("newer");
    expect(error.message).toContain("upgrade readymark");
  });

  test("says how to read an earlier version", () => {
    const error = damage((run) => Object.assign(run, { schema: "readymark/run@1" }));
    expect(error.kind).toBe("older");
    expect(error.message).toContain("measure again");
  });

  test.each([[{ schema: "other/thing@1" }], [{}], [[]], [null], ["text"]])("calls %j foreign", (value) => {
    const error = errorOf(value);
    expect(error.kind).toBe("foreign");
    expect(error.message).toMatch(/no readymark run/);
  });
});
