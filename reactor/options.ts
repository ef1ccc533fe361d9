/** Checks that the options of `listen` and `connect` share. Each failure says which option is wrong and what it may be. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ReactorError } from "./error.ts";
import { multiplexers } from "./multiplexers.ts";

export const LONGEST_TIMEOUT_MS = 7 * 24 * 60 * 60 * 1000;
/** The kernel's own limit. */
export const LONGEST_KEEP_ALIVE_MS = 32_767_000;
/** sun_path, less the zero byte that ends a path. */
const MOST_PATH_BYTES = 107;

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

  integer(option: string, value: number | undefined, least: number, most: number): number {
    if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) return value;
    throw this.error(
      `The option ${option} must be a whole number from ${least} to ${most}, but it is ${String(value)}.`,
    );
  }

  oneOf<Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw this.error(`The option ${option} must be one of ${choices.join(", ")}, but it is "${value}".`);
  }

  /** Refuses two options that say different things of the same; those that are undefined were not given. */
  onlyOne(options: Record<string, unknown>): void {
    const given = Object.keys(options).filter((name) => options[name] !== undefined);
    if (given.length > 1)
      throw this.error(`The options ${given.join(" and ")} exclude each other; leave one of them out.`);
  }

  /** The name of a Unix socket; empty when there is none. */
  path(path: string | undefined): string {
    if (path === undefined) return "";
    if (typeof path !== "string" || path === "" || path.slice(1).includes("\0"))
      throw this.error(
        `The option path must be the path of a socket, or "\\0" and a name, but it is ${JSON.stringify(path)}.`,
      );
    const bytes = Buffer.byteLength(path);
    if (bytes > MOST_PATH_BYTES)
      throw this.error(
        `The option path must have at most ${MOST_PATH_BYTES} bytes, which is all that the kernel has room for, but it has ${bytes}; use a shorter folder.`,
      );
    return path;
  }

  /** In whole seconds, as the kernel counts it. */
  keepAlive(ms: number | undefined): number {
    return Math.ceil(this.integer("keepAliveMs", ms ?? 0, 0, LONGEST_KEEP_ALIVE_MS) / 1000);
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
