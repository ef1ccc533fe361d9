/** How a user and a report name a server. */
import type { Cell } from "./run.ts";

/** The server that paired ratios go to unless another is named: everybody who has Node.js has it. */
export const USUAL_BASELINE = "node-net";

/** The framework, and the variant unless it is the default one. */
export function serverName({ framework, variant }: Pick<Cell, "framework" | "variant">): string {
  return variant === "default" ? framework : `${framework}/${variant}`;
}

/** Whether "framework" or "framework/variant" means this server. */
export function isNamed(server: Pick<Cell, "framework" | "variant">, name: string): boolean {
  return name === serverName(server) || name === `${server.framework}/${server.variant}`;
}

/** How a result calls the n-th of several equal servers: "node-net", "node-net#2". */
export function copyName(framework: string, copy: number): string {
  return copy === 1 ? framework : `${framework}#${copy}`;
}

/** The framework of which it is a copy. */
export function nameOfCopy(framework: string): string {
  return framework.replace(/#\d+$/, "");
}
