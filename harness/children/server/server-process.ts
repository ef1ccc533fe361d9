/**
 * The process of a server under test. It loads one framework and nothing else of the harness, so that what is measured
 * is the server and not its surroundings. It ends when the controller's channel closes.
 */
import type { Counters, Framework, RunningServer } from "../../contract.ts";
import { libuvCounters } from "./libuv-counters.ts";
import type { FromServer, ToServer } from "./server-messages.ts";

let server: RunningServer | undefined;
let waitsInLibuv = false;

process.on("message", (message: ToServer) => {
  answer(message).catch((error: unknown) => {
    send({ kind: "error", message: error instanceof Error ? error.message : String(error) });
  });
});
// Worker threads with native handles crash when the process exits around them, so the server is closed first.
process.on("disconnect", () => {
  void Promise.resolve(server?.close()).finally(() => process.exit(0));
});

async function answer(message: ToServer): Promise<void> {
  if (message.kind === "listen") {
    const { default: framework } = (await import(message.moduleUrl)) as { default: Framework };
    server = await framework.listen(message.options);
    // A framework that wraps others has no variants here, and waits in their threads.
    const variant = framework.variants([]).find(({ name }) => name === message.options.variant);
    waitsInLibuv = variant?.waitsInLibuv ?? false;
    send({ kind: "listening", port: server.port, pid: server.pid ?? process.pid });
    return;
  }
  if (message.kind === "counters") {
    send({ kind: "counters", counters: await countersOf(server) });
    return;
  }
  send({ kind: "connectionsPerShard", counts: (await server?.connectionsPerShard?.()) ?? null });
}

async function countersOf(running: RunningServer | undefined): Promise<Counters | null> {
  if (running?.counters) return running.counters();
  return waitsInLibuv ? libuvCounters() : null;
}

function send(message: FromServer): void {
  process.send?.(message);
}
