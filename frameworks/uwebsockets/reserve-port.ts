/** Finds a port that several servers can then share. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

export interface Reservation {
  port: number;
  /** Gives up the reservation; a server that has joined the port by then keeps it. */
  release(): Promise<void>;
}

/**
 * Holds a port that the kernel chose, with SO_REUSEPORT, until it is released. The addon sets that option only on a
 * port that it is given, so it cannot choose a shared port itself.
 */
export async function reserveSharedPort(host: string): Promise<Reservation> {
  const server = createServer().listen({ host, port: 0, reusePort: true });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    release: async () => {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
