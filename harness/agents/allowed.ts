/** The addresses that an agent may load: a list that its own machine's user wrote, and no controller can change. */
import { BlockList, isIPv4 } from "node:net";
import { Failure } from "../failure.ts";

/** What an agent loads when its user names nothing. */
export const LOOPBACK = "127.0.0.0/8";

export interface Allowed {
  /** As the user wrote it. */
  text: string;
  has(host: string, port: number): boolean;
}

/** Entries `ADDRESS`, `ADDRESS/BITS`, each with an optional `:PORT`, joined by commas. Throws a Failure for another. */
export function parseAllowed(text: string): Allowed {
  const entries = text.split(",").map((entry) => parseEntry(entry.trim()));
  return {
    text,
    has: (host, port) => entries.some((entry) => entry(host, port)),
  };
}

function parseEntry(entry: string): (host: string, port: number) => boolean {
  const [, address = "", bits = "32", port] = /^([\d.]+)(?:\/(\d+))?(?::(\d+))?$/.exec(entry) ?? [];
  if (!isIPv4(address) || Number(bits) > 32 || Number(port ?? 1) > 65_535)
    throw new Failure(
      2,
      `--allow takes IPv4 addresses such as 10.1.2.3, 10.1.0.0/16 or 10.1.2.3:4000, not "${entry}".`,
    );
  const list = new BlockList();
  list.addSubnet(address, Number(bits), "ipv4");
  return (host, of) =>
    isIPv4(host) && list.check(host, "ipv4") && (port === undefined || Number(port) === of);
}
