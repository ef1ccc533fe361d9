/**
 * How the records of a result are defined: once, as TypeBox schemas. The TypeScript types, the validation of files and
 * the published JSON Schema all come from these definitions, so they cannot disagree.
 */
import { Type, type Static, type TSchema, type TUnsafe } from "typebox";

export type { Static } from "typebox";

type Fields = Record<string, TSchema>;

const definitions = new Map<string, TSchema>();

/** Every definition made so far by name, as the `$defs` of a JSON Schema. */
export function allDefinitions(): Record<string, TSchema> {
  return Object.fromEntries(definitions);
}

/** A record with a name, to which other records refer by `the`. Its fields are all there is: others are refused. */
export function define<Record extends Fields>(name: string, description: string, fields: Record) {
  const schema = Object.assign(record(description, fields), { definition: name });
  // The name is for `the` alone and no part of the JSON Schema.
  Object.defineProperty(schema, "definition", { enumerable: false });
  definitions.set(name, schema);
  return schema;
}

/** A record that occurs in one place only. */
export function record<Record extends Fields>(description: string, fields: Record) {
  return Type.Object(fields, { description, additionalProperties: false });
}

/** A field that holds a defined record; without a description as an item of a list. */
export function the<Defined extends TSchema & { definition: string }>(
  defined: Defined,
  description?: string,
): TUnsafe<Static<Defined>> {
  const reference = { $ref: `#/$defs/${defined.definition}` };
  return Type.Unsafe(description === undefined ? reference : { description, ...reference });
}

/** The same field where nothing may have been observed. A number nobody observed is null. */
export function orNull<Schema extends TSchema>(schema: Schema): TUnsafe<Static<Schema> | null> {
  const { description, ...rest } = schema as Schema & {
    description?: string;
    type?: string;
    enum?: unknown[];
  };
  const choices = rest.enum === undefined ? {} : { enum: [...rest.enum, null] };
  return Type.Unsafe(
    typeof rest.type === "string" && rest.type !== "object"
      ? { ...schema, type: [rest.type, "null"], ...choices }
      : { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: "null" }] },
  );
}

const described = (description?: string) => (description === undefined ? {} : { description });

// Each describes a field by its meaning and unit; an item of a list is described by its list and needs nothing.

export const text = (description?: string, options: { pattern?: string; contentEncoding?: string } = {}) =>
  Type.String({ ...described(description), ...options });

export const timestamp = (description: string) =>
  text(`${description.replace(/\.$/, "")}, ISO 8601 in UTC.`, {
    pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$",
  });

/** Any number that JSON can hold. */
export const number = (description?: string) => Type.Number(described(description));

/** A number that is not negative. */
export const amount = (description?: string) => Type.Number({ minimum: 0, ...described(description) });

/** A number above 0. */
export const positive = (description?: string) =>
  Type.Number({ exclusiveMinimum: 0, ...described(description) });

/** A whole number, at least 0 unless said otherwise. */
export const count = (description?: string, range: { minimum?: number; maximum?: number } = {}) =>
  Type.Integer({ minimum: 0, ...range, ...described(description) });

export const truth = (description?: string) => Type.Boolean(described(description));

export function oneOf<const Values extends readonly string[]>(
  values: Values,
  description: string,
): TUnsafe<Values[number]> {
  return Type.Unsafe({ type: "string", enum: [...values], description });
}

export const listOf = <Item extends TSchema>(item: Item, description: string) =>
  Type.Array(item, { description });

/** Values by name, where the names are not known in advance. */
export function mapOf<Item extends TSchema>(
  item: Item,
  description: string,
): TUnsafe<Record<string, Static<Item>>> {
  return Type.Unsafe({ type: "object", additionalProperties: item, description });
}
