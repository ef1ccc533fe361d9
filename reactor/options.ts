/** Checks that the options of `listen` and `connect` share. Each failure says which option is wrong and what it may be. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ReactorError } from "./error.ts";
import { multiplexers } from "./multiplexers.ts";

export const LONGEST_TIMEOUT_MS = 7 * 24 * 60 * 60 * 1000;

/** Those that were found able to run. To find out can cost descriptors, and a connection must not pay for it again. */
const runnable = new Set<string>();

export class OptionChecks {
  readonly #call: string;

  /** `call` is named by the errors. */
  constructor(call: string) {
    this.#call = call;
  }

  multiplexer(name: string): string {
    if (runnable.has(name)) return name;
    const kind = multiplexers().find((each) => each.name === name);
    if (kind === undefined) {
      const known = multiplexers()
        .map((each) => each.name)
        .join(", ");
      throw this.error(`There is no multiplexer "${name}"; choose one of ${known}.`);
    }
    if (kind.obstacle !== null) {
      throw this.error(`The multiplexer ${name} cannot run here (${kind.obstacle}); choose another.`);
    }
    runnable.add(name);
    return name;
  }

  integer(option: string, value: number, least: number, most: number): number {
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw this.error(
      `The option ${option} must be a whole number from ${least} to ${most}, but it is ${String(value)}.`,
    );
  }

  /** The first address of a name; of one family when it is 4 or 6. */
  async address(host: string, family: number): Promise<string> {
    if (typeof host !== "string" || host === "") {
      throw this.error(`The option host must be an address or a name, but it is ${JSON.stringify(host)}.`);
    }
    if (isIP(host) > 0) return host;
    try {
      return (await lookup(host, { family })).address;
    } catch (error) {
      throw new ReactorError(
        `The host "${host}" could not be resolved (${String(error)}); give an address, or a name that resolves.`,
        "getaddrinfo",
        0,
        { cause: error },
      );
    }
  }

  error(message: string): ReactorError {
    return new ReactorError(message, this.#call, 0);
  }
}
