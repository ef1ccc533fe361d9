/** The address of a server that was started elsewhere. */
import { isIPv4 } from "node:net";
import { Failure } from "../failure.ts";

/**
 * "HOST:PORT" on this machine, because only loopback carries no network of its own; agents decide themselves which other
 * addresses they load. Throws a Failure (wrong usage).
 */
export function parseAddress(address: string, isForAgents = false): { host: string; port: number } {
  const [, host = "", digits] = /^(localhost|\d+(?:\.\d+){3}):(\d+)$/.exec(address) ?? [];
  const isKnown = host === "localhost" || (isIPv4(host) && (isForAgents || host.startsWith("127.")));
  if (!isKnown) {
    throw new Failure(
      2,
      `--address takes 127.x.y.z:PORT or localhost:PORT, not "${address}"; readymark sends load to this machine only, unless --agents do.`,
    );
  }
  const port = Number(digits);
  if (port < 1 || port > 65_535)
    throw new Failure(2, `--address takes a port from 1 to 65535, not "${digits}".`);
  return { host: host === "localhost" ? "127.0.0.1" : host, port };
}
