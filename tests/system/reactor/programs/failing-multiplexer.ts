/** Takes the multiplexer's descriptor away (for select, one that it watches), so that its next wait fails. */
import { once } from "node:events";
import { closeSync, readdirSync, readlinkSync } from "node:fs";
import { connect as nodeConnect } from "node:net";
import { connect, listen, type ReactorError, type Socket } from "../../../../reactor/index.ts";

const multiplexer = process.argv[2]!;
const WANTED: Record<string, string> = {
  epoll: "anon_inode:[eventpoll]",
  "epoll-et": "anon_inode:[eventpoll]",
  "uring-poll": "anon_inode:[io_uring]",
  uring: "anon_inode:[io_uring]",
};

function descriptors(): number[] {
  const wanted = WANTED[multiplexer] ?? "socket:";
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(wanted);
      } catch {
        return false;
      }
    });
}

const codes: (string | null | undefined)[] = [];
const told = Promise.withResolvers<void>();
const close = (_socket: Socket, error: ReactorError | null): void => {
  codes.push(error?.code);
  if (codes.length === 2) told.resolve();
};
const uncaught = once(process, "uncaughtException");
const before = descriptors();
const server = await listen({ multiplexer, socket: { close } });
const own = descriptors().find((descriptor) => !before.includes(descriptor))!;
await connect({ port: server.port, multiplexer, socket: { close } });
closeSync(own);
await told.promise;
process.stdout.write(`told: ${codes.join(" ")}\n`);
const [error] = (await uncaught) as [ReactorError];
process.stdout.write(`uncaught: ${error.code}\n`);
await server.close();
process.stdout.write("closed\n");

const again = await listen({ multiplexer, socket: { open: (socket) => void socket.write("hello") } });
const client = nodeConnect(again.port, "127.0.0.1");
await once(client, "data");
client.destroy();
await again.close();
process.stdout.write("listens again\n");
