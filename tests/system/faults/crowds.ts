/** More connections than a back end likes, or can watch. */
import {
  openIdleConnections,
  type IdleConnections,
} from "../../../harness/children/idle-connections/idle-connections.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import {
  closeAll,
  descriptorsOf,
  open,
  openMany,
  requireEcho,
  requireNoLeak,
  type Fault,
  type ServerUnderFault,
} from "./fault.ts";

const CROWD = 2500;
/** How many more connections come than the multiplexer can watch. */
const TOO_MANY = 50;

async function serveCrowd(server: ServerUnderFault): Promise<void> {
  const before = descriptorsOf(server.pid);
  const crowd = await openCrowd(server);
  try {
    const clients = await openMany(server, 10);
    await Promise.all(clients.map((client, index) => requireEcho(client, index)));
    await closeAll(clients);
    await crowd.requireAllOpen();
  } finally {
    await crowd.close();
  }
  await requireNoLeak(server, before);
}

/** From processes of their own, which know TCP only; on a Unix socket from this one. */
async function openCrowd(
  server: ServerUnderFault,
): Promise<Pick<IdleConnections, "requireAllOpen" | "close">> {
  if (server.target.path === undefined) return openIdleConnections(server.target, CROWD, allowedCpus());
  const crowd = await openMany(server, CROWD);
  return {
    requireAllOpen: async () => {
      for (const [index, client] of crowd.entries()) await requireEcho(client, index);
    },
    close: () => closeAll(crowd),
  };
}

/** Past its wall the server turns clients away, keeps those it has, and takes others when there is room again. */
async function runIntoTheWall(server: ServerUnderFault): Promise<void> {
  const before = descriptorsOf(server.pid);
  const clients = await openMany(server, server.watchLimit + TOO_MANY);
  await Promise.race(clients.map((client) => client.endsNext("one of too many to be turned away")));
  const early = clients.slice(0, server.watchLimit / 2);
  await Promise.all(early.map((client, index) => requireEcho(client, index)));
  await closeAll(clients);
  await requireNoLeak(server, before);
  const next = await open(server);
  await requireEcho(next, 9);
  await next.reset();
}

export const CROWDS: readonly Fault[] = [
  {
    name: `${CROWD} connections, or one too many for the multiplexer, leave the served ones served`,
    inflict: (server) =>
      server.watchLimit === 0 || server.watchLimit > CROWD ? serveCrowd(server) : runIntoTheWall(server),
  },
];
