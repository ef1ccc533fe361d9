/** The published JSON Schemas of the records on disk, made of the definitions of their records. */
import type { TSchema } from "typebox";
import { allDefinitions } from "./define.ts";
import { gate, GATE_SCHEMA } from "./gate.ts";
import { trial, TRIAL_SCHEMA } from "./proof.ts";
import { calibration } from "./calibration.ts";
import { run, SCHEMA } from "./run.ts";
import { shard, SHARD_SCHEMA } from "./shard.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** `results/schema/run.schema.json`, as `npm run schema` writes it. */
export function runSchema(): Record<string, unknown> {
  return published(SCHEMA, run);
}

/** A calibration by itself, as `results/calibration.json` holds it. */
export function calibrationSchema(): Record<string, unknown> {
  return published("readymark/calibration@2", calibration);
}

/** `results/schema/gate.schema.json`, as `npm run schema` writes it. */
export function gateSchema(): Record<string, unknown> {
  return published(GATE_SCHEMA, gate);
}

/** A trial of the gate, a line of `results/gate-proof/trials.jsonl`. */
export function trialSchema(): Record<string, unknown> {
  return published(TRIAL_SCHEMA, trial);
}

/** One shard of a load, as `readymark load` writes it. */
export function shardSchema(): Record<string, unknown> {
  return published(SHARD_SCHEMA, shard);
}

/** `schema` is what a document names itself, such as "readymark/run@3". */
export function published(schema: string, root: TSchema): Record<string, unknown> {
  const [, name, version] = /^readymark\/(.+)@(\d+)$/.exec(schema) ?? [];
  return {
    $schema: DIALECT,
    $id: `urn:readymark:${name}:${version}`,
    title: `readymark ${name}, version ${version}`,
    ...root,
    $defs: definitionsIn(root),
  };
}

/** What a record refers to, directly and through others, by name. */
function definitionsIn(root: TSchema): Record<string, unknown> {
  const all = allDefinitions();
  const found = new Map<string, TSchema>();
  const visit = (schema: TSchema): void => {
    for (const [, name = ""] of JSON.stringify(schema).matchAll(/"#\/\$defs\/(\w+)"/g)) {
      const definition = all[name];
      if (definition === undefined || found.has(name)) continue;
      found.set(name, definition);
      visit(definition);
    }
  };
  visit(root);
  // In the order in which they were defined, so that the file changes only where a definition does.
  return Object.fromEntries(Object.entries(all).filter(([name]) => found.has(name)));
}
