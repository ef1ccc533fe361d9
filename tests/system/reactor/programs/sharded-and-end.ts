/** Listens in shards, serves one client, closes, and then has nothing left to do. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { listenSharded } from "../../../../reactor/index.ts";

const threads = (): number => readdirSync("/proc/self/task").length;

const before = threads();
const server = await listenSharded({
  shards: 2,
  multiplexer: process.argv[2]!,
  module: new URL("./echo-handlers.ts", import.meta.url),
});
const client = connect(server.port, "127.0.0.1");
client.write("hello");
process.stdout.write(`heard ${String((await once(client, "data"))[0])}\n`);
client.end();
await once(client.resume(), "close");
await server.close();
// A thread that has been waited for stands in /proc for a moment more.
for (const untilMs = performance.now() + 5000; threads() > before && performance.now() < untilMs;)
  await delay(10);
process.stdout.write(
  threads() === before ? "no thread left behind\n" : `${threads() - before} left behind\n`,
);
process.on("exit", () => process.stdout.write("ended\n"));
