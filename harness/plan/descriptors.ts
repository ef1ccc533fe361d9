/** How many file descriptors each process of a run needs at once, and whether it may have them. */
import { splitOverProcesses } from "../children/idle-connections/idle-connections.ts";
import { SPARE_DESCRIPTORS, openFileLimit } from "../machine/open-files.ts";
import { whole } from "../units.ts";
import type { Cell, Plan } from "../results/run.ts";

export interface DescriptorNeeds {
  /** Has both the idle and the active connections, in one process whatever its threads. */
  server: number;
  /** Has the connections to all servers that are loaded in turn under one workload. */
  generator: number;
  /** One number for each process that opens a part of the most idle connections. */
  idleProcesses: number[];
}

/** The kernel spreads connections by chance, so that some processes get more than their share. */
const UNEVEN = 1.1;

/** Processes of a server that are to hold so many connections. */
export function processesFor(connections: number): number {
  const limit = openFileLimit();
  if (limit === null || connections + SPARE_DESCRIPTORS <= limit) return 1;
  return Math.ceil((connections * UNEVEN) / (limit - SPARE_DESCRIPTORS));
}

export type Connected = Pick<Cell, "parameters" | "protocol" | "scenario">;

/** Whether servers take turns, or each is alone; and of how many processes each is. */
export type Turns = Pick<Plan, "isolated" | "port" | "serverProcesses">;

/** The most that any of the cells needs in each process. */
export function descriptorNeeds(plan: Turns, cells: readonly Connected[]): DescriptorNeeds {
  const most = (pick: (cell: Connected) => number): number => Math.max(0, ...cells.map(pick));
  return {
    server:
      shareOf(
        plan,
        most((cell) => active(cell) + idle(cell)),
      ) + SPARE_DESCRIPTORS,
    generator: Math.max(0, ...together(plan, cells).map(sumOfActive)) + SPARE_DESCRIPTORS,
    idleProcesses: splitOverProcesses(most(idle), openFileLimit()).map((share) => share + SPARE_DESCRIPTORS),
  };
}

/** Of so many connections, those of the process that has the most. */
function shareOf({ serverProcesses = 1 }: Turns, connections: number): number {
  return serverProcesses === 1 ? connections : Math.ceil((connections * UNEVEN) / serverProcesses);
}

/** Whether a generator on this machine has the connections, too: agents have them, but for the passes that are traced. */
export function doesLoadHere({ agents, trace }: Pick<Plan, "agents" | "trace">): boolean {
  return agents === undefined || trace !== "none";
}

/** Null when every process may open what it needs, or the limit is not known. */
export function descriptorObstacle(
  plan: Pick<Plan, "address" | "agents" | "trace"> & Turns,
  cells: readonly Connected[],
): string | null {
  const limit = openFileLimit();
  if (limit === null) return null;
  const { server, generator } = descriptorNeeds(plan, cells);
  // A server that was started elsewhere has a limit of its own, which it says itself when it is reached.
  if (plan.address === null && server > limit) {
    const largest = cells.toSorted((a, b) => active(b) + idle(b) - active(a) - idle(a))[0];
    const idleText = largest === undefined || idle(largest) === 0 ? "" : `${whole(idle(largest))} idle and `;
    const connections = largest === undefined ? 0 : active(largest);
    const flag = idleText === "" ? "--connections" : "--idle";
    const most = limit - SPARE_DESCRIPTORS - (idleText === "" ? 0 : connections);
    return tooMany(`${idleText}${whole(connections)} active connections`, server, "the server's", {
      limit,
      flag,
      most,
    });
  }
  if (doesLoadHere(plan) && generator > limit) {
    const connections = generator - SPARE_DESCRIPTORS;
    const servers = Math.max(...together(plan, cells).map((group) => group.length));
    const most = Math.floor((limit - SPARE_DESCRIPTORS) / servers);
    const ofAll = servers === 1 ? "" : ` to ${servers} servers that are loaded in turn`;
    return tooMany(`${whole(connections)} active connections${ofAll}`, generator, "the load generator's", {
      ...{ limit, most },
      flag: servers === 1 ? "--connections" : "--isolated, or --connections",
    });
  }
  return null;
}

function tooMany(
  what: string,
  needed: number,
  whose: string,
  { limit, flag, most }: { limit: number; flag: string; most: number },
): string {
  const instead = most > 0 ? ` (or use ${flag} ${most})` : "";
  return (
    `${what} need ${whole(needed)} file descriptors in ${whose} process, and the hard limit is ${whole(limit)}. ` +
    `Raise it with: sudo prlimit --pid $$ --nofile=${needed}:${needed}${instead}`
  );
}

/** The cells whose connections the generator has open at once: those of one workload, unless each server is alone. */
export function together({ isolated, port }: Turns, cells: readonly Connected[]): Connected[][] {
  if (isolated || port !== 0) return cells.map((cell) => [cell]);
  const groups = Map.groupBy(cells, ({ protocol, scenario, parameters }) =>
    JSON.stringify([protocol, scenario, parameters]),
  );
  return [...groups.values()];
}

function sumOfActive(cells: readonly Connected[]): number {
  return cells.reduce((sum, cell) => sum + active(cell), 0);
}

function active({ parameters }: Connected): number {
  return Number(parameters["connections"] ?? 0);
}

function idle({ parameters }: Connected): number {
  return Number(parameters["idleConnections"] ?? 0);
}
