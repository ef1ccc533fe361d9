/** The agents of a pool in the place of a load generator on this machine. */
import type { Generator } from "../children/generator/generator.ts";
import { mergeSlices } from "../children/generator/slice-load.ts";
import type { AgentPool } from "./pool.ts";
import { openAgentSession } from "./session.ts";

export function agentsAsGenerator(pool: AgentPool): Generator {
  const openSession: Generator["openSession"] = (job) => openAgentSession(pool, job);
  return {
    openSession,
    run: async (job) => {
      const session = await openSession(job);
      try {
        const { warmupSeconds: discardSeconds, durationSeconds, seed } = job;
        const times = { startNs: 0, discardSeconds, durationSeconds };
        return mergeSlices([await session.run({ ...times, seed, stallSeconds: 0, neighbourPids: [] })]);
      } finally {
        await session.close();
      }
    },
    // The agents outlive the servers of one generation.
    stop: async () => undefined,
  };
}
