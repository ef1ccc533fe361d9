/** The published JSON Schema of a run and of a calibration, made of the definitions of their records. */
import { allDefinitions } from "./define.ts";
import { run } from "./run.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** `results/schema/run.schema.json`, as `npm run schema` writes it. */
export function runSchema(): Record<string, unknown> {
  const { run: _root, ...definitions } = allDefinitions();
  return {
    $schema: DIALECT,
    $id: "urn:readymark:run:2",
    title: "readymark run, version 2",
    ...run,
    $defs: definitions,
  };
}

/** A calibration by itself, as `results/calibration.json` holds it. */
export function calibrationSchema(): Record<string, unknown> {
  const { calibration, ...definitions } = allDefinitions();
  return {
    $schema: DIALECT,
    $id: "urn:readymark:calibration:2",
    title: "readymark calibration, version 2",
    ...calibration,
    $defs: { ...definitions, calibration },
  };
}
