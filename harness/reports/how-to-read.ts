/** How to read the tables: what the symbols mean, and what the numbers of this run can and cannot carry. */
import { objectiveOf } from "../results/objective.ts";
import { isMicro } from "../results/cell-id.ts";
import type { Run } from "../results/run.ts";
import { NOT_OBSERVED } from "../units.ts";
import { GENERATIONS_TO_RANK } from "./comparison.ts";

export function howToRead({ plan, cells }: Run): string[] {
  if (isMicro({ cells })) return [PIECES, ...fewGenerations(plan.generations)];
  return [
    "A generation is one fresh process of each server, warmed up until its cost per operation falls no more. Every number is a mean over generations; brackets hold its 95 % interval of Student's t over them, and run.json has those of numbers without brackets.",
    ...fewGenerations(plan.generations),
    plan.isolated || plan.port !== 0
      ? "Each server was measured while no other was alive, so what the machine did meanwhile is in every comparison."
      : "The servers of a protocol were alive together and loaded in turn, a slice each, so that the machine's own speed is the same for all of them. A cycle in which the machine disturbed one of them is left out for all, without a look at its results.",
    "A paired ratio is taken within each generation, so it is surer than the two numbers that it compares. Its interval holds 1 where nothing can be said.",
    "Servers that no paired ratio tells apart share a rank, written 1=, directly or through others between them. Where the load is answer-driven or churning, ranks go by throughput; at a fixed offered rate they go by p99 latency.",
    ...(cells.some(({ parameters }) => objectiveOf(parameters) !== null) ? [CAPACITY] : []),
    "Percentiles come from the merged histogram of all generations; they are never averaged.",
    "CPU per operation is the process's own CPU time, user and system, divided by the operations it served. Machine noise changes it far less than it changes throughput.",
    "The kernel floor is half of the CPU time of a loopback round trip of that payload over tcp on one thread: one receive and one send, measured anew in each generation. It is shown as a share of the server's CPU time; what is left above it is what the server could save.",
    "The generator's CPU per operation stands beside the server's, so that you can see who did the work.",
    `≥ marks a throughput that the load generator limited: a lower bound of what the server can do. Its latency is left out, because it would be the generator's.`,
    "not steady marks a server that was still becoming faster at the end of its warm-up, or while it was measured. It has no rank.",
    `${NOT_OBSERVED} means that it was not observed, or that the cell is not ok and its numbers may not be believed. It is never 0.`,
  ];
}

const PIECES =
  "Each number is a mean over processes, in which every piece was called again and again by tinybench after a warm-up; the brackets behind it hold its 95 % interval of Student's t over processes. Server CPU is that of such a process for each call.";

const CAPACITY =
  "A capacity is the highest offered rate at which the latency objective held. Every generation searches for it anew, and ranks go by it; the latency beside it is that at this rate, so it is near the objective for every server.";

/** Few generations make an interval that is wide or has no width at all. */
function fewGenerations(generations: number): string[] {
  if (generations >= GENERATIONS_TO_RANK) return [];
  if (generations === 1) {
    return [
      "This run has one generation, so its intervals have no width and no server is ranked: run more generations to compare.",
    ];
  }
  return [
    `With ${generations} generations an interval is so wide that it says next to nothing, and no server is ranked.`,
  ];
}
