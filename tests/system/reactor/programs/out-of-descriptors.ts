/** With few descriptors left: more clients than descriptors, from a second process, and then room again. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect, type Socket as ClientSocket } from "node:net";
import { listen } from "../../../../reactor/index.ts";
import { wakesWhileIdle } from "../clients.ts";

const CLIENTS = 20;
const FREE_DESCRIPTORS = 5;

function useUpDescriptors(): void {
  const used: number[] = [];
  try {
    while (true) used.push(openSync("/dev/null", "r"));
  } catch {
    for (const descriptor of used.splice(-FREE_DESCRIPTORS)) closeSync(descriptor);
  }
}

async function serve(): Promise<void> {
  const server = await listen({
    multiplexer: process.argv[2]!,
    socket: { data: (socket, chunk) => void socket.write(chunk) },
  });
  const crowd = fork(new URL(import.meta.url), ["client", String(server.port)]);
  await once(crowd, "message");
  useUpDescriptors();
  crowd.send("come");
  await once(crowd, "message");
  process.stdout.write("turned away\n");
  // Accepting rests a tenth of a second at a time, and each rest may turn one more away.
  while ((await wakesWhileIdle(server)) > 10);
  process.stdout.write("did not spin\n");
  crowd.send("leave and come again");
  await once(crowd, "exit");
  process.stdout.write("recovered\n");
  await server.close();
}

function echoes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(port, "127.0.0.1");
    client.on("error", () => undefined);
    client.once("close", () => resolve(false));
    client.once("data", () => {
      resolve(true);
      client.destroy();
    });
    client.write("room again");
  });
}

/** Connects too often, tells when one of its connections was closed, and then tries until one works. */
async function crowd(port: number): Promise<void> {
  process.send!("ready");
  await once(process, "message");
  const clients: ClientSocket[] = [];
  const rejected = new Promise((resolve) => {
    for (let index = 0; index < CLIENTS; index++) {
      const client = connect(port, "127.0.0.1");
      client.on("error", () => undefined);
      client.resume().once("close", resolve);
      clients.push(client);
    }
  });
  await rejected;
  process.send!("turned away");
  await once(process, "message");
  for (const client of clients) client.destroy();
  // Those that waited in the backlog are taken first, so that the next one may be turned away yet.
  while (!(await echoes(port)));
  process.disconnect();
}

await (process.argv[2] === "client" ? crowd(Number(process.argv[3])) : serve());
