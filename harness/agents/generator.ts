/** The agents of a pool in the place of a load generator on this machine. */
import type { Generator } from "../children/generator/generator.ts";
import { mergeSlices } from "../children/generator/slice-load.ts";
import { Failure } from "../failure.ts";
import type { Cell } from "../results/run.ts";
import type { AgentPool } from "./pool.ts";
import { openAgentSession } from "./session.ts";

/** Throws a Failure when some cell has fewer connections than the agents have threads to share them. */
export function requireShares(pool: AgentPool, cells: readonly Pick<Cell, "parameters">[]): void {
  const threads = pool.members.reduce((sum, member) => sum + member.threads, 0);
  const connections = cells.flatMap(({ parameters }) => Number(parameters["connections"] ?? threads));
  const fewest = Math.min(...connections);
  if (fewest < threads)
    throw new Failure(
      2,
      `${fewest} connections cannot be shared by ${threads} threads of ${pool.members.length} agents; say --connections ${threads}, or more.`,
    );
}

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
