/** Validates a value against the published schema, and says in words which field is wrong and how. */
import type { TLocalizedValidationError } from "typebox/error";
import { Compile, type Validator } from "typebox/schema";
import { Settings } from "typebox/system";
import type { Calibration } from "./calibration.ts";
import { ResultError } from "./error.ts";
import { type Run, SCHEMA } from "./run.ts";
import { GATE_SCHEMA } from "./gate.ts";
import { TRIAL_SCHEMA } from "./proof.ts";
import { calibrationSchema, gateSchema, runSchema, shardSchema, trialSchema } from "./schema.ts";
import { SHARD_SCHEMA } from "./shard.ts";

const SHOWN_PROBLEMS = 5;
// All of them are counted although few are shown.
Settings.Set({ maxErrors: 10_000 });

// Compiled when first needed: a command that reads and writes no result does not wait for it.
let runValidator: Validator | undefined;
let calibrationValidator: Validator | undefined;

/** Whether the value has the shape in which a run carries a calibration. */
export function isCalibration(value: unknown): value is Calibration {
  calibrationValidator ??= Compile(calibrationSchema());
  return calibrationValidator.Check(value);
}

/** What is wrong with a value that should be a trial of the gate, field by field; empty when nothing is. */
export const trialProblems = checkerOf(trialSchema, TRIAL_SCHEMA);

/** What is wrong with a value that should be the record of a gate, field by field; empty when nothing is. */
export const gateProblems = checkerOf(gateSchema, GATE_SCHEMA);

/** What is wrong with a value that should be a shard of a load, field by field; empty when nothing is. */
export const shardProblems = checkerOf(shardSchema, SHARD_SCHEMA);

/** What is wrong with a value by a schema that refers to no other, field by field; empty when nothing is. */
export function problemsIn(value: unknown, schema: object, format: string): string[] {
  return checkerOf(() => schema, format)(value);
}

/** The same for many values: the schema is asked for, and compiled, when the first of them comes. */
export function checkerOf(schema: () => object, format: string): (value: unknown) => string[] {
  let validator: Validator | undefined;
  return (value) => {
    validator ??= Compile(schema());
    return validator.Check(value) ? [] : describe(value, validator, format);
  };
}

/** The value as a run. Throws a ResultError (foreign, newer, older or damaged) that names `path` and the fields at fault. */
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
  if (version < versionNumber(SCHEMA)) {
    throw new ResultError(
      "older",
      path,
      `${path} was written by an older readymark (readymark/run@${version}, and this one reads ${SCHEMA}): read it with ` +
        `the commit in its "environment", or measure again.`,
    );
  }
  runValidator ??= Compile(runSchema());
  const problems = runValidator.Check(value)
    ? duplicateIds(value as Run)
    : describe(value, runValidator, SCHEMA);
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

/** One error at one place, with what was found there. */
interface Fault {
  error: TLocalizedValidationError;
  /** JSON Pointer. */
  place: string;
  found: unknown;
}

function describe(value: unknown, validator: Validator, format: string): string[] {
  const [, errors] = validator.Errors(value);
  const faults = errors.flatMap((error) => faultsOf(error, value));
  const problems = new Map<string, string>();
  for (const fault of faults) {
    if (isOtherBranch(fault, faults)) continue;
    // One sentence for each place: a value of the wrong type also fails whatever else is asked of it.
    if (!problems.has(fault.place))
      problems.set(
        fault.place,
        `${placeInWords(fault.place) || "the file"}: ${expectation(fault, faults, format)}`,
      );
  }
  return [...problems.values()];
}

/** A missing field is a fault of the field and not of the object that it is missing in. */
function faultsOf(error: TLocalizedValidationError, value: unknown): Fault[] {
  const at = (place: string): Fault => ({ error, place, found: valueAt(value, place) });
  const inside = (names: readonly string[]): Fault[] =>
    names.map((name) => at(`${error.instancePath}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`));
  switch (error.keyword) {
    case "required":
      return inside(error.params.requiredProperties);
    // Each says no more than the errors inside it do; a field that should not be there is refused by "boolean".
    case "additionalProperties":
    case "anyOf":
      return [];
    default:
      return [at(error.instancePath)];
  }
}

/** "or null" is the other branch of a nullable object: no news when the object is there and something inside is wrong. */
function isOtherBranch({ error, place }: Fault, faults: readonly Fault[]): boolean {
  const mayBeNull = error.keyword === "type" && error.params.type === "null";
  return mayBeNull && faults.some((other) => other.error !== error && other.place.startsWith(place));
}

function expectation({ error, place, found }: Fault, faults: readonly Fault[], format: string): string {
  if (error.keyword === "required") return "expected a value, found nothing";
  if (error.keyword === "boolean") return `expected no such field in ${format}, found one`;
  return `expected ${expected(error, place, faults)}, found ${quoted(found)}`;
}

function expected(error: TLocalizedValidationError, place: string, faults: readonly Fault[]): string {
  switch (error.keyword) {
    case "type": {
      const asked = faults.filter((other) => other.place === place && other.error.keyword === "type");
      return typeWords(
        asked.flatMap((other) => (other.error.keyword === "type" ? other.error.params.type : [])),
      );
    }
    case "enum":
      return `one of ${error.params.allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
    case "const":
      return JSON.stringify(error.params.allowedValue);
    case "minimum":
    case "exclusiveMinimum":
      return `a number ${error.params.comparison === ">" ? "above" : "of at least"} ${error.params.limit}`;
    case "maximum":
      return `a number of at most ${error.params.limit}`;
    case "pattern":
      return `text that matches ${error.params.pattern}`;
    default:
      return `a value that ${error.message}`;
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

/** `/cells/3/summary` becomes `cells[3].summary`. */
function placeInWords(place: string): string {
  return stepsOf(place).reduce((words, step) => {
    if (/^\d+$/.test(step)) return `${words}[${step}]`;
    if (!/^[A-Za-z_]\w*$/.test(step)) return `${words}[${JSON.stringify(step)}]`;
    return words === "" ? step : `${words}.${step}`;
  }, "");
}

function valueAt(value: unknown, place: string): unknown {
  return stepsOf(place).reduce((inside, step) => field(inside, step), value);
}

function stepsOf(place: string): string[] {
  return place
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
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
