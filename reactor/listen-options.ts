/** Where to listen, checked. */
import type { NativeListenOptions } from "../native/index.ts";
import { LONGEST_TIMEOUT_MS, OptionChecks } from "./options.ts";

export interface Address {
  /** An IPv4 or IPv6 address, or a name that is looked up; 127.0.0.1 by default. */
  host?: string;
  /** 0, the default, lets the kernel choose. */
  port?: number;
  /**
   * A Unix socket in place of host and port: the path of a file, which is removed when the server closes, or, after a first
   * character "\0", a name of the abstract namespace, which has no file.
   */
  path?: string;
  /** A listening or bound stream socket that this process was given, in place of all three; it is closed with the server. */
  fd?: number;
  /** What the thread sleeps in: see `multiplexers()`; "epoll" by default. One kind per thread at a time. */
  multiplexer?: string;
  /** Lets other threads and processes listen on the same port; the kernel spreads the connections. */
  reusePort?: boolean;
  /** How many connections may wait to be accepted; 511 by default, and the kernel may allow fewer. */
  backlog?: number;
  /** Leaves IPv4 connections to others where `host` is an IPv6 address such as "::". */
  ipv6Only?: boolean;
  /** After so long without traffic the kernel asks the peer whether it is still there; 0, the default, never does. */
  keepAliveMs?: number;
  /** Closes connections without traffic for this long, to a quarter of it; 0, the default, never does. */
  idleTimeoutMs?: number;
}

export interface CheckedOptions extends NativeListenOptions {
  multiplexer: string;
}

/** Rejects with a `ReactorError` that says which option is wrong and what it may be. */
export async function checkListenOptions(address: Address): Promise<CheckedOptions> {
  const check = new OptionChecks("listen");
  const { path, fd } = address;
  check.onlyOne({ path, fd, host: address.host });
  check.onlyOne({ path, fd, port: address.port });
  return {
    multiplexer: check.multiplexer(address.multiplexer ?? "epoll"),
    path: check.path(path),
    fd: fd === undefined ? -1 : check.integer("fd", fd, 0, 0x7fffffff),
    reusePort: address.reusePort ?? false,
    ipv6Only: address.ipv6Only ?? false,
    keepAliveSeconds: check.keepAlive(address.keepAliveMs),
    adoptsOnly: false,
    host: await check.address(address.host ?? "127.0.0.1", 0),
    port: check.integer("port", address.port ?? 0, 0, 65_535),
    backlog: check.integer("backlog", address.backlog ?? 511, 0, 0x7fffffff),
    idleTimeoutMs: check.integer("idleTimeoutMs", address.idleTimeoutMs ?? 0, 0, LONGEST_TIMEOUT_MS),
  };
}
