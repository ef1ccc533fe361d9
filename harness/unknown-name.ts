/** The error for a name that does not exist, whatever it names. */
import { Failure } from "./failure.ts";
import { nearest } from "./nearest.ts";

/** Fails with the valid names, and the one that was probably meant. */
export function unknownName(what: string, name: string, valid: readonly string[]): Failure {
  const guess = nearest(name, valid);
  const hint = guess === null ? "" : ` Did you mean "${guess}"?`;
  return new Failure(2, `There is no ${what} "${name}".${hint} Valid: ${valid.join(", ")}.`);
}
