/** Holds a value against the published schema, and says in words which field is wrong and how. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import type { Calibration } from "./calibration.ts";
import { ResultError } from "./error.ts";
import { type Run, SCHEMA } from "./run.ts";

const SCHEMA_FILE = new URL("../../results/schema/run.schema.json", import.meta.url);
const SHOWN_PROBLEMS = 5;

const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true });
const schema = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as { $id: string };
const matches = ajv.compile<Run>(schema);

/** Whether the value has the shape in which a run carries a calibration. */
export const isCalibration = ajv.compile<Calibration>({ $ref: `${schema.$id}#/$defs/calibration` });

/** The value as a run. Throws a ResultError (foreign, newer or damaged) that names `path` and the fields at fault. */
export function asRun(value: unknown, path: string): Run {
  const version = versionOf(value);
  if (version === null) {
    throw new ResultError(
      "foreign",
      path,
      `${path} is no readymark run: its field "schema" should be "${SCHEMA}" and is ${quoted(field(value, "schema"))}.`,
    );
  }
  if (version > versionNumber(SCHEMA)) {
    throw new ResultError(
      "newer",
      path,
      `${path} was written by a newer readymark (readymark/run@${version}, and this one reads ${SCHEMA}): upgrade readymark to read it.`,
    );
  }
  const problems = matches(value) ? duplicateIds(value) : describe(matches.errors ?? []);
  if (problems.length === 0) return value as Run;
  throw new ResultError("damaged", path, damagedMessage(path, problems), problems);
}

function damagedMessage(path: string, problems: readonly string[]): string {
  const more = problems.length - SHOWN_PROBLEMS;
  const lines = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `  ${problem}`);
  if (more > 0) lines.push(`  and ${more} more`);
  return `${path} does not match ${SCHEMA}:\n${lines.join("\n")}`;
}

function versionOf(value: unknown): number | null {
  const schema = field(value, "schema");
  return typeof schema === "string" && /^readymark\/run@[1-9]\d*$/.test(schema)
    ? versionNumber(schema)
    : null;
}

function versionNumber(schema: string): number {
  return Number(schema.slice(schema.indexOf("@") + 1));
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A schema cannot say that ids differ, and a run that is resumed or compared finds its cells by id. */
function duplicateIds(run: Run): string[] {
  const firstWith = new Map<string, number>();
  const problems: string[] = [];
  for (const [index, { id }] of run.cells.entries()) {
    const first = firstWith.get(id);
    if (first === undefined) firstWith.set(id, index);
    else
      problems.push(
        `cells[${index}].id: expected an id of its own, found that of cells[${first}], ${quoted(id)}`,
      );
  }
  return problems;
}

function describe(errors: readonly ErrorObject[]): string[] {
  const problems = new Map<string, string>();
  for (const error of errors) {
    if (error.keyword === "anyOf" || isOtherBranch(error, errors)) continue;
    const place = placeOf(error);
    // One sentence for each place: a value of the wrong type also fails whatever else is asked of it.
    if (!problems.has(place)) problems.set(place, `${place || "the file"}: ${expectation(error, errors)}`);
  }
  return [...problems.values()];
}

/** "or null" is the other branch of a nullable object: no news when the object is there and something inside is wrong. */
function isOtherBranch(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const mayBeNull = error.keyword === "type" && error.params["type"] === "null";
  return (
    mayBeNull &&
    errors.some(
      (other) =>
        other !== error && other.keyword !== "anyOf" && other.instancePath.startsWith(error.instancePath),
    )
  );
}

function expectation(error: ErrorObject, errors: readonly ErrorObject[]): string {
  const params = error.params as Record<string, unknown>;
  if (error.keyword === "required") return "expected a value, found nothing";
  if (error.keyword === "additionalProperties") return `expected no such field in ${SCHEMA}, found one`;
  return `expected ${expected(error, params, errors)}, found ${quoted(error.data)}`;
}

function expected(
  error: ErrorObject,
  params: Record<string, unknown>,
  errors: readonly ErrorObject[],
): string {
  switch (error.keyword) {
    case "type": {
      const types = [params["type"]].flat() as string[];
      const nullable = errors.some(
        (other) => other.keyword === "anyOf" && other.instancePath === error.instancePath,
      );
      return typeWords(nullable ? [...types, "null"] : types);
    }
    case "enum":
      return `one of ${(params["allowedValues"] as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    case "const":
      return JSON.stringify(params["allowedValue"]);
    case "minimum":
    case "exclusiveMinimum":
      return `a number ${params["comparison"] === ">" ? "above" : "of at least"} ${params["limit"]}`;
    case "pattern":
      return `text that matches ${params["pattern"]}`;
    default:
      return `a value that ${error.message ?? "matches the schema"}`;
  }
}

function typeWords(types: readonly string[]): string {
  const words: Record<string, string> = {
    integer: "a whole number",
    number: "a number",
    string: "text",
    boolean: "true or false",
    array: "a list",
    object: "an object",
    null: "null",
  };
  return types.map((type) => words[type] ?? type).join(" or ");
}

/** `/cells/3/summary` and a missing or unexpected name become `cells[3].summary.name`. */
function placeOf(error: ErrorObject): string {
  const params = error.params as Record<string, string>;
  const steps = error.instancePath.split("/").slice(1).map(unescapePointer);
  const name = params["missingProperty"] ?? params["additionalProperty"];
  if (name !== undefined) steps.push(name);
  return steps.reduce((place, step) => {
    if (/^\d+$/.test(step)) return `${place}[${step}]`;
    if (!/^[A-Za-z_]\w*$/.test(step)) return `${place}[${JSON.stringify(step)}]`;
    return place === "" ? step : `${place}.${step}`;
  }, "");
}

function unescapePointer(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** A value short enough for a sentence. */
function quoted(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  // JSON has no word for NaN and Infinity, which are the likeliest wrong numbers.
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
