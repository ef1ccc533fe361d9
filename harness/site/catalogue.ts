/** What there is to publish: the runs on disk, newest first, and the trials of the gate. */
import { MICRO } from "../results/cell-id.ts";
import { serverNode } from "../results/comparable.ts";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readConnections, type ConnectionRecord } from "../connection/record.ts";
import { readTrials } from "../proof/record.ts";
import type { Trial } from "../results/proof.ts";
import type { Cell, Run } from "../results/run.ts";
import { listRuns, readRun } from "../results/store.ts";

export interface Catalogue {
  /** Finished or not, newest first. */
  runs: Run[];
  trials: Trial[];
  /** What was recorded of connections; null when nothing was. */
  connections: ConnectionRecord | null;
  /** Files that could not be read, each in a sentence with the fields at fault. */
  problems: string[];
}

export function readCatalogue(runsFolder: string, trialsFile: string, connectionsFile: string): Catalogue {
  const problems: string[] = [];
  const reading = <Value>(read: () => Value): Value[] => {
    try {
      return [read()];
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  };
  const runs = listRuns(runsFolder).flatMap(({ path }) => reading(() => readRun(path)));
  const trials = existsSync(trialsFile) ? reading(() => readTrials(trialsFile)).flat() : [];
  const [connections = null] = reading(() => readConnections(connectionsFile));
  return {
    runs: runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),
    trials,
    connections,
    problems,
  };
}

/**
 * The run that the front page shows: the newest that is finished and has numbers of servers, other than beside crowds of idle
 * connections, which are a question of their own; one of the short form only where there is no other; the newest when none is.
 */
export function frontRun({ runs }: Pick<Catalogue, "runs">): Run | null {
  const isAnswer = ({ status, scenario, parameters }: Cell): boolean =>
    status === "ok" && scenario !== MICRO && !("idleConnections" in parameters);
  const isWhole = ({ finishedAt, cells }: Run): boolean => finishedAt !== null && cells.some(isAnswer);
  const whole = runs.filter(isWhole);
  return whole.find(({ plan }) => plan.effort !== "quick") ?? whole[0] ?? runs[0] ?? null;
}

/** The machine and the runtime of a run in one line. */
export function machineOf({ environment }: Run): string {
  const { cpu, kernel } = environment;
  return `${cpu.model}, ${cpu.count} CPUs, Linux ${kernel}, Node.js ${serverNode(environment) ?? "?"}`;
}

/** The name of a run's files. Ids come from files of other people, and one that is no plain name becomes its own digest. */
export function fileNameOf({ id }: Pick<Run, "id">): string {
  return /^[\w-]{1,80}$/.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 16);
}

/** When a run was made, for people: "2026-11-26 02:05 UTC". */
export function dateOf({ startedAt }: Run): string {
  return `${startedAt.slice(0, 16).replace("T", " ")} UTC`;
}
