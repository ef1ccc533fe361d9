/**
 * The generator's process: a child of the controller that runs the loads it is sent, and ends with it. It is
 * started by `fork`, pinned by its parent, and never imported.
 */
import process from "node:process";

import type { FromGenerator, ToGenerator } from "./generator-messages.ts";
import { createCounters, type CounterPage } from "./live-counters.ts";
import { openSession, runLoad, type LoadSession } from "./run-load.ts";

const sessions = new Map<number, LoadSession>();

function report(message: FromGenerator): void {
  // A controller that is gone gets no report; its disconnect ends this process below.
  process.send?.(message, undefined, undefined, () => undefined);
}

async function answer(message: ToGenerator): Promise<FromGenerator> {
  switch (message.kind) {
    case "run":
      return { kind: "result", result: await runLoad(message.job, announcedCounters()) };
    case "open":
      sessions.set(message.session, await openSession(message.job, announcedCounters()));
      return { kind: "opened" };
    case "slice":
      return { kind: "slice", load: await sessionOf(message.session).run(message.slice) };
    case "close":
      await sessionOf(message.session).close();
      sessions.delete(message.session);
      return { kind: "closed" };
  }
}

/** A page for each load, because whoever watches would else take the end of the load before for that of this one. */
function announcedCounters(): CounterPage {
  const counters = createCounters();
  report({ kind: "counters", path: counters.path });
  return counters;
}

function sessionOf(number: number): LoadSession {
  const session = sessions.get(number);
  if (session === undefined) throw new Error(`The generator has no session ${number}; open it first.`);
  return session;
}

process.on("message", (message: ToGenerator) => {
  answer(message).then(report, (error: unknown) =>
    report({ kind: "error", message: error instanceof Error ? error.message : String(error) }),
  );
});

// A plain exit would wait for the native threads to end their run, and load a server that nobody watches any more.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
