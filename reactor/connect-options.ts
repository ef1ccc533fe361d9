/** Where to connect to, checked. */
import { isIP } from "node:net";
import type { NativeConnectOptions } from "../native/index.ts";
import { LONGEST_TIMEOUT_MS, OptionChecks } from "./options.ts";

export interface RemoteAddress {
  /** An IPv4 or IPv6 address, or a name, of which the first address is tried; 127.0.0.1 by default. */
  host?: string;
  /** 1 to 65535; needed unless there is a `path`. */
  port?: number;
  /** A Unix socket in place of both: the path of its file, or, after a first character "\0", its abstract name. */
  path?: string;
  /** What the thread sleeps in: see `multiplexers()`; "epoll" by default. One kind per thread at a time. */
  multiplexer?: string;
  /** The address of this machine to connect from; the kernel chooses by default. */
  localAddress?: string;
  /** Gives up after this long; 0, the default, leaves it to the kernel, which takes about two minutes. */
  connectTimeoutMs?: number;
  /** After so long without traffic the kernel asks the peer whether it is still there; 0, the default, never does. */
  keepAliveMs?: number;
  /** Closes the connection when it is without traffic for this long, to a quarter of it; 0, the default, never does. */
  idleTimeoutMs?: number;
}

export interface CheckedConnectOptions extends NativeConnectOptions {
  multiplexer: string;
}

/** Rejects with a `ReactorError` that says which option is wrong and what it may be. */
export async function checkConnectOptions(remote: RemoteAddress): Promise<CheckedConnectOptions> {
  const check = new OptionChecks("connect");
  const { host = "127.0.0.1", localAddress = "", path } = remote;
  check.onlyOne({ path, host: remote.host });
  check.onlyOne({ path, port: remote.port });
  check.onlyOne({ path, localAddress: remote.localAddress });
  const family = isIP(localAddress);
  if (localAddress !== "" && family === 0) {
    throw check.error(
      `The option localAddress must be an IPv4 or IPv6 address, but it is "${localAddress}".`,
    );
  }
  if (family !== 0 && isIP(host) !== 0 && isIP(host) !== family) {
    throw check.error(
      `The option localAddress (${localAddress}) must be of the same IP version as the host (${host}).`,
    );
  }
  return {
    multiplexer: check.multiplexer(remote.multiplexer ?? "epoll"),
    host: await check.address(host, family),
    port: path === undefined ? check.integer("port", remote.port, 1, 65_535) : 0,
    path: check.path(path),
    keepAliveSeconds: check.keepAlive(remote.keepAliveMs),
    localAddress,
    connectTimeoutMs: check.integer("connectTimeoutMs", remote.connectTimeoutMs ?? 0, 0, LONGEST_TIMEOUT_MS),
    idleTimeoutMs: check.integer("idleTimeoutMs", remote.idleTimeoutMs ?? 0, 0, LONGEST_TIMEOUT_MS),
  };
}
