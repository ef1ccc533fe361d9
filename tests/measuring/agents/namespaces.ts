/** Network namespaces that stand for machines: each with an address of its own on one bridge. */
import { spawnSync } from "node:child_process";

const NETWORK = "10.77.133";
export const BRIDGE_ADDRESS = `${NETWORK}.1`;

/** Why there can be none here; null when there can. */
export function namespaceObstacle(): string | null {
  const name = `rm-probe-${process.pid}`;
  const { error, status, stderr } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (error !== undefined) return "ip (iproute2) is not installed";
  if (status !== 0) return `a network namespace cannot be made: ${stderr.trim()}`;
  spawnSync("ip", ["netns", "del", name]);
  return null;
}

/** So many namespaces, by name, behind a bridge that has `BRIDGE_ADDRESS` here; `remove` takes all of it away. */
export function makeNamespaces(count: number): { names: string[]; remove(): void } {
  const bridge = `rmbr${process.pid}`;
  const names = Array.from({ length: count }, (_, index) => `rm-${process.pid}-${index + 1}`);
  const remove = (): void => {
    for (const name of names) spawnSync("ip", ["netns", "del", name]);
    spawnSync("ip", ["link", "del", bridge]);
  };
  try {
    ip("link", "add", bridge, "type", "bridge");
    ip("addr", "add", `${BRIDGE_ADDRESS}/24`, "dev", bridge);
    ip("link", "set", bridge, "up");
    for (const [index, name] of names.entries()) {
      const here = `rmv${index + 1}p${process.pid}`.slice(0, 15);
      ip("netns", "add", name);
      ip("link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", name);
      ip("link", "set", here, "master", bridge, "up");
      ip("-n", name, "addr", "add", `${NETWORK}.${index + 2}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "eth0", "up");
      ip("-n", name, "link", "set", "lo", "up");
    }
    return { names, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
}
