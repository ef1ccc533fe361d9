/** What a program of ours printed or left in a file, validated before anybody relies on its type. */
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/schema";

/**
 * A reader of JSON documents of one shape. It throws an Error that begins with `what` and says where the text is
 * something else, and what to do about it.
 */
export function outputReader<Schema extends TSchema>(
  what: string,
  schema: Schema,
  advice = "Build again with: npm run build:native",
): (text: string) => Static<Schema> {
  const validator = Compile(schema);
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new Error(`${what} is no JSON: ${(error as Error).message}. ${advice}.`, {
        cause: error,
      });
    }
    if (validator.Check(value)) return value as Static<Schema>;
    const [, [first]] = validator.Errors(value);
    throw new Error(`${what} is not what was expected: ${first?.instancePath} ${first?.message}. ${advice}.`);
  };
}
