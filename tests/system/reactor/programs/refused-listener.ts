/** Listens where somebody listens already, as the first thing that its thread asks of a reactor. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { listen, type ReactorError } from "../../../../reactor/index.ts";

const taken = createServer().listen(0, "127.0.0.1");
await once(taken, "listening");
const { port } = taken.address() as AddressInfo;
const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

const before = openDescriptors();
await listen({ port, multiplexer: process.argv[2]!, socket: {} }).catch((error: ReactorError) =>
  process.stdout.write(`${error.code}\n`),
);
await nextTurn();
const leftBehind = openDescriptors() - before;
process.stdout.write(leftBehind === 0 ? "no descriptor left behind\n" : `${leftBehind} left behind\n`);
taken.close();
process.on("exit", () => process.stdout.write("ended\n"));
