/** How many file descriptors each process of a run needs at once, and whether it may have them. */
import { splitOverProcesses } from "../children/idle-connections/idle-connections.ts";
import { SPARE_DESCRIPTORS, openFileLimit } from "../machine/open-files.ts";
import { whole } from "../units.ts";
import type { Cell, Plan } from "../results/run.ts";

export interface DescriptorNeeds {
  /** Has both the idle and the active connections, in one process whatever its threads. */
  server: number;
  generator: number;
  /** One number for each process that opens a part of the most idle connections. */
  idleProcesses: number[];
}

type Connected = Pick<Cell, "parameters">;

/** The most that any of the cells needs in each process. */
export function descriptorNeeds(cells: readonly Connected[]): DescriptorNeeds {
  const most = (pick: (cell: Connected) => number): number => Math.max(0, ...cells.map(pick));
  return {
    server: most((cell) => active(cell) + idle(cell)) + SPARE_DESCRIPTORS,
    generator: most(active) + SPARE_DESCRIPTORS,
    idleProcesses: splitOverProcesses(most(idle), openFileLimit()).map((share) => share + SPARE_DESCRIPTORS),
  };
}

/** Null when every process may open what it needs, or the limit is not known. */
export function descriptorObstacle(plan: Pick<Plan, "address">, cells: readonly Connected[]): string | null {
  const limit = openFileLimit();
  if (limit === null) return null;
  const { server, generator } = descriptorNeeds(cells);
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
  if (generator > limit) {
    const connections = generator - SPARE_DESCRIPTORS;
    const most = limit - SPARE_DESCRIPTORS;
    return tooMany(`${whole(connections)} active connections`, generator, "the load generator's", {
      ...{ limit, most },
      flag: "--connections",
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

function active({ parameters }: Connected): number {
  return Number(parameters["connections"] ?? 0);
}

function idle({ parameters }: Connected): number {
  return Number(parameters["idleConnections"] ?? 0);
}
