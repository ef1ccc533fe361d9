/** Clients that reset their connections. */
import { patternOf } from "../../../harness/conformance/payload.ts";
import {
  backsUp,
  closeAll,
  descriptorsOf,
  open,
  openMany,
  requireEcho,
  requireNoLeak,
  type Fault,
} from "./fault.ts";

const CLIENTS = 20;
/** More than the kernel's buffers take, so that the server is left with bytes that it cannot send. */
const LARGE = patternOf(1, 16 * 1024 * 1024);

export const RESETS: readonly Fault[] = [
  {
    name: "resets in the middle of a stream leave the others alone",
    inflict: async (server) => {
      const before = descriptorsOf(server.pid);
      const bystander = await open(server);
      const clients = await openMany(server, CLIENTS);
      for (const client of clients) client.send(LARGE);
      await Promise.all(clients.map((client) => client.read(1000, "the beginning of an echo")));
      await closeAll(clients);
      await requireEcho(bystander, 2);
      const next = await open(server);
      await requireEcho(next, 3);
      await closeAll([bystander, next]);
      await requireNoLeak(server, before);
    },
  },
  {
    name: "resets while the server has bytes to send leave the others alone",
    inflict: async (server) => {
      const before = descriptorsOf(server.pid);
      const clients = await openMany(server, 4);
      for (const client of clients) {
        client.pauseReading();
        client.send(LARGE);
      }
      await backsUp(clients[0]!);
      const bystander = await open(server);
      await requireEcho(bystander, 4);
      await closeAll(clients);
      await requireEcho(bystander, 5);
      await bystander.reset();
      await requireNoLeak(server, before);
    },
  },
];
