/**
 * Cells that differ only in the number of idle connections, as one line for each server: what an echo cost with each
 * number, how the cost grew, and at which number the server failed.
 */
import type { Parameters } from "../../contract.ts";
import type { Cell, Estimate, Sample, Summary } from "../../results/run.ts";
import { countingSamples } from "../../results/counting-samples.ts";
import type { Interval } from "../../statistics/student.ts";
import { pairedRatio } from "../../statistics/ratio.ts";
import { linearSlope, logLogSlope } from "../../statistics/slope.ts";
import { isClientLimited } from "../labels.ts";
import { serverName } from "../../results/server-name.ts";

const IDLE_CONNECTIONS = "idleConnections";
/** With fewer, the active connections hide what the idle ones cost, so the slope is taken from here on. */
export const SLOPE_FROM = 1000;

/** What was measured with one number of idle connections. */
export interface IdleCostPoint {
  /** How many connections were idle. */
  idle: number;
  /** The server's CPU time per echo, nanoseconds. */
  cpuNs: Estimate;
  /** The same of each generation that counts. */
  generationsNs: ReadonlyMap<number, number>;
  /** Resident memory of the server in each of them, bytes, where it was observed. */
  residentBytes: ReadonlyMap<number, number>;
  /** What the kernel took for the idle connections in each of them, both ends, bytes, where it was observed. */
  kernelBytes: ReadonlyMap<number, number>;
  isClientLimited: boolean;
  summary: Summary;
}

/** The cost of an echo with the most idle connections, as a ratio to the cost with the fewest. */
export interface Growth {
  from: number;
  to: number;
  /** Within each generation, so that the machine's own speed cancels out. */
  ratio: Interval;
  /** That have both ends. */
  generations: number;
}

/** What one idle connection takes, bytes. */
interface ConnectionMemory {
  /** In the server's processes: the slope of its resident memory, in each generation. */
  user: number[];
  /** In the kernel, for both ends, with the most idle connections, in each generation. */
  kernel: number[];
}

export interface IdleCostLine {
  label: string;
  /** Ascending; only what may be believed. */
  points: IdleCostPoint[];
  /** Of log cost over log idle connections, from `SLOPE_FROM` on; null when there are too few points. */
  slope: Interval | null;
  /** Null when fewer than two numbers of idle connections were measured. */
  growth: Growth | null;
  memory: ConnectionMemory;
  /** The number at which the server failed, when it did not succeed at that number or a larger one. */
  failure: {
    idle: number;
    reason: string | null;
    /** The first of the server's last lines on stderr, which names the limit when a server reports one. */
    stderr: string | null;
  } | null;
  /** Idle connections of cells without a cost, other than the failure and what lies beyond it. */
  gaps: { idle: number; why: string }[];
}

/** The lines of one setting of the active connections. */
export interface IdleCostLines {
  /** What the active connections did, in words. */
  settings: string;
  /** Every number of idle connections that was asked for, ascending; two at least. */
  idleCounts: number[];
  lines: IdleCostLine[];
}

/** One entry for each setting of the active connections that has at least two numbers of idle connections. */
export function idleCostLines(cells: readonly Cell[]): IdleCostLines[] {
  const withIdle = cells.filter((cell) => IDLE_CONNECTIONS in cell.parameters);
  return [...Map.groupBy(withIdle, settingsOf)].flatMap(([settings, members]) => {
    const idleCounts = [...new Set(members.map(idleConnectionsOf))].toSorted((a, b) => a - b);
    if (idleCounts.length < 2) return [];
    const lines = [...Map.groupBy(members, serverName)].map(([label, own]) => lineOf(label, own));
    return [{ settings, idleCounts, lines }];
  });
}

function settingsOf({ protocol, scenario, parameters }: Cell): string {
  const { connections, payloadBytes, [IDLE_CONNECTIONS]: _, ...others }: Parameters = parameters;
  const rest = Object.entries(others).map(([name, value]) => `, ${name} ${value}`);
  const active = `${connections} active ${connections === 1 ? "connection" : "connections"}`;
  return `${scenario} with ${active}, ${payloadBytes} B, ${protocol}${rest.join("")}`;
}

function idleConnectionsOf({ parameters }: Cell): number {
  return Number(parameters[IDLE_CONNECTIONS]);
}

function lineOf(label: string, cells: readonly Cell[]): IdleCostLine {
  const ascending = cells.toSorted((left, right) => idleConnectionsOf(left) - idleConnectionsOf(right));
  const points = ascending.flatMap(pointOf);
  const lastWell = ascending.findLastIndex(({ status }) => status === "ok");
  const failure = ascending.slice(lastWell + 1).find(({ status }) => status === "failed");
  const failedAt = failure === undefined ? Infinity : idleConnectionsOf(failure);
  return {
    label,
    points,
    slope: slopeOf(points),
    growth: growthOf(points),
    memory: memoryOf(points),
    failure:
      failure === undefined
        ? null
        : { idle: failedAt, reason: failure.reason, stderr: failure.serverStderr[0] ?? null },
    gaps: ascending
      .filter((cell) => idleConnectionsOf(cell) < failedAt && pointOf(cell).length === 0)
      .map((cell) => ({
        idle: idleConnectionsOf(cell),
        why: whyNoCost(cell),
      })),
  };
}

function whyNoCost({ status, summary }: Cell): string {
  if (status !== "ok") return status;
  return summary?.serverCpuNsPerOp ? "its interval reaches down to 0" : "CPU time not observed";
}

/** The cell as a point, or nothing when it has no cost that can stand on a log scale. */
function pointOf(cell: Cell): IdleCostPoint[] {
  const { status, summary } = cell;
  const cpuNs = summary?.serverCpuNsPerOp;
  if (status !== "ok" || summary === null || !cpuNs || !(cpuNs.low > 0)) return [];
  const samples = countingSamples(cell.samples);
  const byGeneration = (pick: (sample: Sample) => number | null | undefined): Map<number, number> =>
    new Map(
      samples.flatMap((sample) => {
        const value = pick(sample);
        return value == null ? [] : [[sample.generation, value] as const];
      }),
    );
  return [
    {
      ...{ idle: idleConnectionsOf(cell), cpuNs, isClientLimited: isClientLimited(cell), summary },
      generationsNs: byGeneration((sample) => sample.serverCpuNsPerOp),
      residentBytes: byGeneration((sample) => sample.serverRssBytes),
      kernelBytes: byGeneration((sample) => sample.idleKernelBytes),
    },
  ];
}

/** Divided by a small number, the difference between two looks at a process would look like a cost. */
function memoryOf(points: readonly IdleCostPoint[]): ConnectionMemory {
  const last = points.at(-1);
  if (last === undefined || last.idle < SLOPE_FROM) return { user: [], kernel: [] };
  const user = [...last.residentBytes.keys()].flatMap((generation) => {
    const seen = points.flatMap(({ idle, residentBytes }) => {
      const bytes = residentBytes.get(generation);
      return bytes === undefined ? [] : [{ x: idle, y: bytes }];
    });
    return linearSlope(seen) ?? [];
  });
  return { user, kernel: [...last.kernelBytes.values()].map((bytes) => bytes / last.idle) };
}

function slopeOf(points: readonly IdleCostPoint[]): Interval | null {
  return logLogSlope(
    points
      .filter(({ idle }) => idle >= SLOPE_FROM)
      .flatMap(({ idle, generationsNs }) =>
        [...generationsNs.values()].map((costNs) => ({ x: idle, y: costNs })),
      ),
  );
}

function growthOf(points: readonly IdleCostPoint[]): Growth | null {
  const [smallest] = points;
  const largest = points.at(-1);
  if (smallest === undefined || largest === undefined || smallest === largest) return null;
  const both = [...smallest.generationsNs.keys()].filter((generation) =>
    largest.generationsNs.has(generation),
  );
  if (both.length === 0) return null;
  const costs = ({ generationsNs }: IdleCostPoint): number[] =>
    both.map((generation) => generationsNs.get(generation) as number);
  return {
    from: smallest.idle,
    to: largest.idle,
    ratio: pairedRatio(costs(smallest), costs(largest)),
    generations: both.length,
  };
}
