/** One direction ends while bytes of both are under way. */
import { patternOf, requireEqual } from "../../../harness/conformance/payload.ts";
import { backsUp, descriptorsOf, open, requireNoLeak, type Fault } from "./fault.ts";

const LARGE = patternOf(6, 16 * 1024 * 1024);

export const HALF_CLOSES: readonly Fault[] = [
  {
    name: "a client that ends with bytes unread on both sides gets all of its echo, then the server's end",
    inflict: async (server) => {
      const before = descriptorsOf(server.pid);
      const client = await open(server);
      client.pauseReading();
      client.send(LARGE);
      client.sendFin();
      await backsUp(client);
      client.resumeReading();
      requireEqual(await client.readToFin("the echo"), LARGE, "the echo of a half-closed connection");
      await requireNoLeak(server, before);
    },
  },
  {
    name: "a client that ends at once gets the server's end",
    inflict: async (server) => {
      const before = descriptorsOf(server.pid);
      const client = await open(server);
      client.sendFin();
      requireEqual(await client.readToFin("nothing"), Buffer.alloc(0), "the echo of nothing");
      await requireNoLeak(server, before);
    },
  },
];
