/** The ports that the kernel hands out by itself, to connections and to whoever listens on port 0. */
import { readFileSync } from "node:fs";

/** Null when the kernel does not say. */
export function ephemeralRange(): { low: number; high: number } | null {
  const [low, high] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
  return low === undefined || high === undefined ? null : { low, high };
}

/** As many connections can there be from one address to one server port; null when the kernel does not say. */
export function ephemeralPorts(): number | null {
  const range = ephemeralRange();
  return range === null ? null : range.high - range.low;
}
