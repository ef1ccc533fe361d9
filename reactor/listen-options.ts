/** Where to listen, checked. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { NativeListenOptions } from "../native/index.ts";
import { ReactorError } from "./error.ts";
import { multiplexers } from "./multiplexers.ts";

const LONGEST_IDLE_TIMEOUT_MS = 7 * 24 * 60 * 60 * 1000;

export interface Address {
  /** An IPv4 or IPv6 address, or a name that is looked up; 127.0.0.1 by default. */
  host?: string;
  /** 0, the default, lets the kernel choose. */
  port?: number;
  /** What the thread sleeps in: see `multiplexers()`; "epoll" by default. One kind per thread at a time. */
  multiplexer?: string;
  /** Lets other threads and processes listen on the same port; the kernel spreads the connections. */
  reusePort?: boolean;
  /** How many connections may wait to be accepted; 511 by default, and the kernel may allow fewer. */
  backlog?: number;
  /** Closes connections without traffic for this long, to a quarter of it; 0, the default, never does. */
  idleTimeoutMs?: number;
}

export interface CheckedOptions extends NativeListenOptions {
  multiplexer: string;
}

/** Rejects with a `ReactorError` that says which option is wrong and what it may be. */
export async function checkListenOptions(address: Address): Promise<CheckedOptions> {
  const { host = "127.0.0.1", multiplexer = "epoll", reusePort = false } = address;
  const kind = multiplexers().find(({ name }) => name === multiplexer);
  if (kind === undefined) {
    const known = multiplexers()
      .map(({ name }) => name)
      .join(", ");
    throw optionError(`There is no multiplexer "${multiplexer}"; choose one of ${known}.`);
  }
  if (kind.obstacle !== null) {
    throw optionError(`The multiplexer ${multiplexer} cannot run here (${kind.obstacle}); choose another.`);
  }
  return {
    multiplexer,
    reusePort,
    host: isIP(host) > 0 ? host : await resolve(host),
    port: checkInteger("port", address.port ?? 0, 65_535),
    backlog: checkInteger("backlog", address.backlog ?? 511, 0x7fffffff),
    idleTimeoutMs: checkInteger("idleTimeoutMs", address.idleTimeoutMs ?? 0, LONGEST_IDLE_TIMEOUT_MS),
  };
}

async function resolve(name: string): Promise<string> {
  try {
    return (await lookup(name)).address;
  } catch (error) {
    throw new ReactorError(
      `The host "${name}" could not be resolved (${String(error)}); give an address, or a name that resolves.`,
      "getaddrinfo",
      0,
      { cause: error },
    );
  }
}

function checkInteger(option: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw optionError(`The option ${option} must be a whole number from 0 to ${most}, but it is ${value}.`);
}

function optionError(message: string): ReactorError {
  return new ReactorError(message, "listen", 0);
}
