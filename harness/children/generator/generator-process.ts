/**
 * The generator's process: a child of the controller that runs the loads it is sent, and ends with it. It is
 * started by `fork`, pinned by its parent, and never imported.
 */
import process from "node:process";

import { createCounters } from "./live-counters.ts";
import { runLoad } from "./run-load.ts";
import type { GeneratorMessage, RunMessage } from "./generator-messages.ts";

function report(message: GeneratorMessage): void {
  // A controller that is gone gets no report; its disconnect ends this process below.
  process.send?.(message, undefined, undefined, () => undefined);
}

async function run(message: RunMessage): Promise<void> {
  // A page for each load, because whoever watches would else take the end of the load before for that of this one.
  const counters = createCounters();
  report({ kind: "counters", path: counters.path });
  try {
    report({ kind: "result", result: await runLoad(message.job, counters) });
  } catch (error) {
    report({ kind: "error", message: error instanceof Error ? error.message : String(error) });
  }
}

process.on("message", (message: RunMessage) => {
  if (message.kind === "run") void run(message);
});

// A plain exit would wait for the native threads to end their run, and load a server that nobody watches any more.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
