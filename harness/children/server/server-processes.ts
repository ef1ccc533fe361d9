/**
 * Several processes of one server on one port, over which the kernel spreads connections: for more of them than one process
 * may have open files.
 */
import { sumObserved } from "../../statistics/observed.ts";
import { COUNTERS, type Counters } from "../../contract.ts";
import type { ServerSource, ServerUnderTest } from "./server.ts";

/** `source` starts one that lets others listen on its port. */
export function serverProcesses(source: ServerSource, count: number): ServerSource {
  return async (options) => {
    const servers: ServerUnderTest[] = [];
    const stop = async (): Promise<void> => {
      await Promise.all(servers.map((server) => server.stop()));
    };
    try {
      for (let index = 0; index < count; index++)
        servers.push(await source({ ...options, port: servers[0]?.port ?? options.port }));
    } catch (error) {
      await stop();
      throw error;
    }
    return together(servers, stop);
  };
}

function together(servers: readonly ServerUnderTest[], stop: () => Promise<void>): ServerUnderTest {
  const [first] = servers;
  if (first === undefined) throw new RangeError("A server has at least one process.");
  return {
    ...{ host: first.host, port: first.port, startedHere: first.startedHere, stop },
    pids: () => servers.flatMap((server) => server.pids()),
    stderrTail: () => servers.flatMap((server) => server.stderrTail()),
    connectionsPerShard: async () => {
      const counts = await Promise.all(servers.map((server) => server.connectionsPerShard()));
      return counts.includes(null) ? null : counts.flatMap((one) => one ?? []);
    },
    counters: async () => {
      const counted = await Promise.all(servers.map((server) => server.counters()));
      if (counted.includes(null)) return null;
      const sums = COUNTERS.map((name) => [name, sumObserved(counted.map((one) => one?.[name] ?? null))]);
      const all = Object.fromEntries(sums) as Counters;
      // They wait at the same time, so that the sum would be more than there was.
      return { ...all, timeInWaitNs: all.timeInWaitNs === null ? null : all.timeInWaitNs / servers.length };
    },
    ended: Promise.race(servers.map((server) => server.ended)),
  };
}
