/** Connects in a thread without a server, and then has nothing left to do; the server is in the main thread. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { connect, type ReactorError, type Socket } from "../../../../reactor/index.ts";

interface Task {
  multiplexer: string;
  port: number;
  closedPort: number;
}

/** Where no other test listens, which might be given the port meanwhile. */
const CLOSED_HOST = "127.77.0.1";

async function drive({ multiplexer, port, closedPort }: Task): Promise<void> {
  await connect({ host: CLOSED_HOST, port: closedPort, multiplexer, socket: {} }).catch(
    (error: ReactorError) => process.stdout.write(`refused ${error.code}\n`),
  );
  const heard = new Promise<void>((resolve) => {
    const socket = {
      open: (one: Socket) => void one.write("hello"),
      data: (one: Socket, chunk: Buffer) => {
        process.stdout.write(`heard ${chunk.toString()}\n`);
        one.close();
      },
      close: () => resolve(),
    };
    void connect({ port, multiplexer, socket });
  });
  await heard;
}

async function listening(host: string): Promise<ReturnType<typeof createServer>> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, host);
  await once(server, "listening");
  return server;
}

const portOf = (server: ReturnType<typeof createServer>): number => (server.address() as AddressInfo).port;

if (isMainThread) {
  const [server, closed] = [await listening("127.0.0.1"), await listening(CLOSED_HOST)];
  const task: Task = { multiplexer: process.argv[2]!, port: portOf(server), closedPort: portOf(closed) };
  await once(closed.close(), "close");
  if (process.argv[3] === "main") await drive(task);
  else await once(new Worker(new URL(import.meta.url), { workerData: task }), "exit");
  server.close();
  process.on("exit", () => process.stdout.write("ended\n"));
} else {
  await drive(workerData as Task);
}
