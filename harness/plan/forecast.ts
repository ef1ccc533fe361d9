/**
 * What a plan will take, in sentences for the moment before it starts: the open files of each process beside what it may
 * open, and how long the searches for the capacity are.
 */
import { objectiveOf } from "../results/objective.ts";
import { MOST_STEPS, searchSeconds } from "../capacity/search.ts";
import { openFileLimit } from "../machine/open-files.ts";
import { whole } from "../units.ts";
import type { Cell, Plan } from "../results/run.ts";
import { descriptorNeeds } from "./descriptors.ts";

/** What most systems allow by default; a plan below it needs no remark. */
const UNREMARKABLE_OPEN_FILES = 1024;

export function forecast(plan: Plan, cells: readonly Cell[]): string[] {
  return [openFiles(plan, cells), searchTime(plan, cells)].filter((sentence) => sentence !== null);
}

function openFiles(plan: Plan, cells: readonly Cell[]): string | null {
  const { server, generator, idleProcesses } = descriptorNeeds(plan, cells);
  if (server < UNREMARKABLE_OPEN_FILES && idleProcesses.length === 0) return null;
  const limit = openFileLimit();
  const there = limit === null ? "the limit of this system is not known" : `each may open ${whole(limit)}`;
  const elsewhere = plan.address === null ? "" : " (started elsewhere, with a limit of its own)";
  const idle =
    idleProcesses.length === 0
      ? ""
      : `, and ${idleProcesses.map(whole).join(" + ")} in ${idleProcesses.length === 1 ? "the process" : `the ${idleProcesses.length} processes`} with the idle connections`;
  return (
    `the largest cells need up to ${whole(server)} open files in the server${elsewhere}, ${whole(generator)} in the load ` +
    `generator${idle}; ${there}`
  );
}

function searchTime(plan: Plan, cells: readonly Cell[]): string | null {
  const searches = cells.filter(
    ({ status, parameters }) => status === "pending" && objectiveOf(parameters) !== null,
  );
  if (searches.length === 0) return null;
  const { usual, most } = searchSeconds(plan);
  const samples = searches.length * plan.generations;
  const what = `${count(samples, "search", "es")} for the capacity (${count(searches.length, "cell")}, ${count(plan.generations, "generation")})`;
  return (
    `${what}, of up to ${MOST_STEPS} loads each: about ${inTime(samples * usual)} in all, ${inTime(samples * most)} at ` +
    `most, besides the servers' starts`
  );
}

function count(number: number, what: string, plural = "s"): string {
  return `${number} ${what}${number === 1 ? "" : plural}`;
}

function inTime(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
