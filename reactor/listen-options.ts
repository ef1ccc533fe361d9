/** Where to listen, checked. */
import type { NativeListenOptions } from "../native/index.ts";
import { LONGEST_TIMEOUT_MS, OptionChecks } from "./options.ts";

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
  const check = new OptionChecks("listen");
  return {
    multiplexer: check.multiplexer(address.multiplexer ?? "epoll"),
    reusePort: address.reusePort ?? false,
    host: await check.address(address.host ?? "127.0.0.1", 0),
    port: check.integer("port", address.port ?? 0, 0, 65_535),
    backlog: check.integer("backlog", address.backlog ?? 511, 0, 0x7fffffff),
    idleTimeoutMs: check.integer("idleTimeoutMs", address.idleTimeoutMs ?? 0, 0, LONGEST_TIMEOUT_MS),
  };
}
