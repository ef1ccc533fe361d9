/**
 * Checks before anything runs whether this machine can carry the plan, each obstacle with the command that removes it,
 * and what a reader should know although the run may go on.
 */
import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { availableBytes, commandLine, listenersOn } from "../machine/proc.ts";
import { ADDON, SUPERVISE } from "../project.ts";
import type { Cell, Plan } from "../results/run.ts";
import { ephemeralPorts } from "../machine/ephemeral-ports.ts";
import { descriptorObstacle, doesLoadHere } from "./descriptors.ts";
import { memoryObstacle } from "./memory.ts";

const FREE_DISK_BYTES = 64 * 1024 * 1024;

export interface Preflight {
  obstacles: string[];
  warnings: string[];
}

export function preflight(plan: Plan, cells: readonly Cell[], outFolder: string): Preflight {
  return {
    obstacles: [
      ...buildObstacles(),
      descriptorObstacle(plan, cells),
      ephemeralPortObstacle(plan, cells),
      memoryObstacle(plan, cells, availableBytes()),
      portObstacle(plan),
      diskObstacle(outFolder),
    ].filter((obstacle) => obstacle !== null),
    warnings: [cpuWarning(plan), backlogWarning(cells)].filter((warning) => warning !== null),
  };
}

function buildObstacles(): string[] {
  return [ADDON, SUPERVISE]
    .filter((path) => !existsSync(path))
    .map((path) => `${path} is not built. Build it with: npm run setup`);
}

/**
 * Echo and latency connections share one source address, so the kernel's port range bounds them. Idle ones have many, but only
 * where the server listens on loopback. What agents open is their own affair, but for traced passes.
 */
function ephemeralPortObstacle(plan: Plan, cells: readonly Cell[]): string | null {
  const isOurs = doesLoadHere(plan);
  const host = plan.address ?? plan.host ?? "127.0.0.1";
  const isLoopback = host.startsWith("127.") || host.startsWith("localhost");
  const held = cells.filter((cell) => cell.loop !== "churn");
  const needs = held.map(({ parameters }) => {
    const active = isOurs ? Number(parameters["connections"] ?? 0) : 0;
    return active + (isLoopback ? 0 : Number(parameters["idleConnections"] ?? 0));
  });
  const connections = Math.max(0, ...needs);
  const ports = ephemeralPorts();
  if (ports === null || connections <= ports) return null;
  return (
    `${connections} connections need as many ephemeral ports, and ip_local_port_range holds ${ports}. ` +
    `Widen it with: sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535"`
  );
}

function portObstacle({ port, address }: Plan): string | null {
  if (port === 0 || address !== null) return null;
  const [pid] = listenersOn(port);
  if (pid === undefined) return null;
  return (
    `Port ${port} is taken by process ${pid} (${commandLine(pid)}). ` +
    `End it with: kill ${pid} (or leave --port out, and a free one is used)`
  );
}

function diskObstacle(outFolder: string): string | null {
  let folder = outFolder;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return `Results cannot be written to ${folder}. Choose another folder with --out, or: sudo chown "$USER" ${folder}`;
  }
  const { bavail, bsize } = statfsSync(folder);
  const freeMiB = Math.floor((bavail * bsize) / (1024 * 1024));
  if (bavail * bsize >= FREE_DISK_BYTES) return null;
  return `Only ${freeMiB} MiB are free at ${folder}; a run needs up to 64. Free some, or use --out with a folder elsewhere.`;
}

function cpuWarning({ serverCpus, clientCpus }: Plan): string | null {
  const shared = serverCpus.filter((cpu) => clientCpus.includes(cpu));
  if (shared.length === 0) return null;
  return `Server and load generator share CPU ${shared.join(",")}, so each slows the other; quote no throughput of this run.`;
}

/** Churn opens all its connections at once; the others take turns. */
function backlogWarning(cells: readonly Cell[]): string | null {
  const churning = cells.filter((cell) => cell.loop === "churn");
  const connections = Math.max(0, ...churning.map((cell) => Number(cell.parameters["connections"] ?? 0)));
  const somaxconn = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
  if (connections <= somaxconn) return null;
  return (
    `net.core.somaxconn is ${somaxconn}, less than ${connections} connections opened at once; some connects wait a ` +
    `second. Raise it with: sudo sysctl -w net.core.somaxconn=${connections}`
  );
}
