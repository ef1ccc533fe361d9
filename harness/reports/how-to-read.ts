/** How to read the tables: what the symbols mean, and what the numbers of this run can and cannot carry. */
import { objectiveOf } from "../results/objective.ts";
import type { Run } from "../results/run.ts";
import { largestCoverage } from "../statistics/bootstrap.ts";
import { ROUNDS_TO_RANK } from "./groups.ts";
import { NOT_OBSERVED, percentage } from "../units.ts";

export function howToRead({ plan, cells }: Run): string[] {
  return [
    "Every number is a median over rounds; the brackets behind a throughput hold its 95 % bootstrap interval over rounds.",
    ...fewRounds(plan.rounds),
    "Servers whose intervals overlap, directly or through others between them, share a rank, written 1=. Where the load is answer-driven or churning, ranks go by throughput; at a fixed offered rate they go by p99 latency.",
    ...(cells.some(({ parameters }) => objectiveOf(parameters) !== null) ? [CAPACITY] : []),
    "Percentiles come from the merged histogram of all rounds; they are never averaged.",
    "CPU per operation is the process's own CPU time, user and system, divided by the operations it served. Machine noise changes it far less than it changes throughput.",
    "The kernel floor is half of the CPU time of a loopback round trip of that payload over tcp on one thread: one receive and one send, measured anew in each round. It is shown as a share of the server's CPU time; what is left above it is what the server could save.",
    "The generator's CPU per operation stands beside the server's, so that you can see who did the work.",
    `≥ marks a throughput that the load generator limited: a lower bound of what the server can do. Its latency is left out, because it would be the generator's.`,
    `${NOT_OBSERVED} means that it was not observed, or that the cell is not ok and its numbers may not be believed. It is never 0.`,
  ];
}

const CAPACITY =
  "A capacity is the highest offered rate at which the latency objective held. Every round searches for it anew on a server of its own, and ranks go by it; the latency beside it is that at this rate, so it is near the objective for every server.";

/** Few rounds make an interval that promises less than its name. */
function fewRounds(rounds: number): string[] {
  const coverage = largestCoverage(rounds);
  if (rounds === 1) {
    return [
      "This run has one round, so its intervals have no width and no server is ranked: run more rounds to compare.",
    ];
  }
  if (coverage >= 0.95) return [];
  const ranks = rounds < ROUNDS_TO_RANK ? ", and no server is ranked" : "";
  return [
    `With ${rounds} rounds an interval can be no wider than those rounds, which straddle the true median at most ${percentage(coverage)} of the time${ranks}.`,
  ];
}
