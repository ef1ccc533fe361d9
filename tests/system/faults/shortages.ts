/** More connections than descriptors, in a server process that started with few. */
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "../../../harness/conformance/client-connection.ts";
import { readCpuNs } from "../../../harness/machine/cpu-clocks.ts";
import { closeAll, open, openMany, requireEcho, type Fault, type ServerUnderFault } from "./fault.ts";

export const FEW_DESCRIPTORS = 96;
const SERVED = 10;
const NS_PER_MS = 1e6;
/** How long the server is watched while it is full. */
const FULL_MS = 300;
/** Of a CPU; less than this is no spinning. */
const CALM_SHARE = 0.5;

async function cpuShareWhileFull(pid: number): Promise<number> {
  const startedMs = performance.now();
  const before = readCpuNs([pid]);
  await delay(FULL_MS);
  const after = readCpuNs([pid]);
  if (before === null || after === null) throw new Error("The server did not survive the shortage.");
  return (after - before) / NS_PER_MS / (performance.now() - startedMs);
}

/** Whether the server serves a new client. It may yet reject one that waited since before there was room. */
async function serves(server: ServerUnderFault): Promise<boolean> {
  let client: Connection | undefined;
  try {
    client = await open(server);
    await requireEcho(client, 11);
    return true;
  } catch {
    server.signal.throwIfAborted();
    return false;
  } finally {
    await client?.reset();
  }
}

export const SHORTAGES: readonly Fault[] = [
  {
    name: "out of descriptors it stays alive and calm, serves those it has, and accepts again",
    inflict: async (server) => {
      const served = await openMany(server, SERVED);
      await Promise.all(served.map((client, index) => requireEcho(client, index)));
      const crowd = await openMany(server, FEW_DESCRIPTORS);
      // What the server does at first with a burst of connections is work; what goes on for ever is spinning.
      await Promise.all(served.map((client, index) => requireEcho(client, SERVED + index)));
      let share = 1;
      while (!server.signal.aborted && share >= CALM_SHARE) share = await cpuShareWhileFull(server.pid);
      if (share >= CALM_SHARE) throw new Error(`It used ${share} of a CPU while it could do nothing.`);
      await Promise.all(served.map((client, index) => requireEcho(client, 2 * SERVED + index)));
      await closeAll(crowd);
      while (!(await serves(server)));
      await closeAll(served);
    },
  },
];
