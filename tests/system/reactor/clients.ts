/** Clients of the tests, on Node's own sockets, and servers that live as long as a test. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket as ClientSocket } from "node:net";
import {
  listen,
  type ListenOptions,
  type ReactorError,
  type Server,
  type SocketHandlers,
} from "../../../reactor/index.ts";

/** A connected client, which may read late and never closes by itself. */
export async function connected(port: number): Promise<ClientSocket> {
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => undefined);
  await once(client, "connect");
  return client;
}

/** Reads exactly this many bytes. */
export async function read(client: ClientSocket, byteCount: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let missing = byteCount;
  while (missing > 0) {
    const chunk = (client.read() as Buffer | null) ?? null;
    if (chunk === null) {
      if (client.destroyed || client.readableEnded) {
        throw new Error(`The connection ended ${missing} bytes too early.`);
      }
      await readableOrClosed(client);
      continue;
    }
    chunks.push(chunk);
    missing -= chunk.length;
  }
  return Buffer.concat(chunks);
}

/** Both listeners go at the first event, because a long read would leave thousands of the other one. */
function readableOrClosed(client: ClientSocket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      client.off("readable", settle).off("close", settle);
      resolve();
    };
    client.on("readable", settle).on("close", settle);
  });
}

/** One question and its echo. */
export async function exchange(client: ClientSocket, text: string): Promise<string> {
  client.write(text);
  return (await read(client, Buffer.byteLength(text))).toString();
}

/** Runs a test against a server, and closes whatever it opened. */
export async function withServer<Data>(
  options: ListenOptions<Data>,
  use: (server: Server, dial: () => Promise<ClientSocket>) => Promise<void>,
): Promise<void> {
  const server = await listen(options);
  const clients: ClientSocket[] = [];
  try {
    await use(server, async () => {
      const client = await connected(server.port);
      clients.push(client);
      return client;
    });
  } finally {
    for (const client of clients) client.destroy();
    await server.terminate();
  }
}

/** A server on Node's own sockets that lives as long as the test. */
export async function withNodeServer(
  serve: (socket: ClientSocket) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<ClientSocket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** Handlers that gather what a socket hears; `over` resolves when the connection has ended. */
export function listener(): {
  heard: () => string;
  over: Promise<ReactorError | null>;
  handlers: Required<Pick<SocketHandlers, "data" | "close">>;
} {
  const chunks: Buffer[] = [];
  let end: (error: ReactorError | null) => void;
  const over = new Promise<ReactorError | null>((resolve) => (end = resolve));
  return {
    heard: () => Buffer.concat(chunks).toString(),
    over,
    handlers: {
      data: (_socket, chunk) => void chunks.push(Buffer.from(chunk)),
      close: (_socket, error) => end(error),
    },
  };
}

/**
 * How often a server wakes up while nothing is due. Beside a timer of this function's own, which wakes it twice, that is
 * never, unless something else in the process has work: ask in a process of its own.
 */
export async function wakesWhileIdle(server: Server): Promise<number> {
  const before = server.counters().waits;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return server.counters().waits - before;
}
