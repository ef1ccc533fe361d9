/** How much memory the idle connections of a plan take, and whether it is there. */
import { together, type Connected, type Turns } from "./descriptors.ts";

/** What an idle connection takes at most, bytes: its two ends in the kernel, in the process that holds it, and in a server. */
const IDLE_BYTES = 7500 + 6000 + 6000;
const FREE_SHARE = 0.9;
const GIBIBYTE = 1024 ** 3;

/**
 * The kernel's memory cannot be swapped out, so that too many connections would end some process of this machine. Null when
 * they fit, or nobody knows how much memory is available.
 */
export function memoryObstacle(
  plan: Turns,
  cells: readonly Connected[],
  availableBytes: number | null,
): string | null {
  if (availableBytes === null) return null;
  const crowds = together(plan, cells).map((group) =>
    group.map(({ parameters }) => Number(parameters["idleConnections"] ?? 0)),
  );
  const largest = crowds.reduce((a, b) => (sum(b) > sum(a) ? b : a), []);
  const room = (availableBytes * FREE_SHARE) / IDLE_BYTES;
  if (sum(largest) <= room) return null;
  const gibibytes = (bytes: number): string => `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
  const instead = `--idle ${Math.floor(room / largest.length)}`;
  return (
    `The idle connections need up to ${gibibytes(sum(largest) * IDLE_BYTES)} of memory, and ${gibibytes(availableBytes)} are ` +
    `available. Use ${largest.length === 1 ? instead : `--isolated, or ${instead}`}.`
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
