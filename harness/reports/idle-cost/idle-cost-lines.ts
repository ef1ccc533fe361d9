/**
 * Cells that differ only in the size of the crowd of silent connections, as one line for each server: what an echo cost
 * beside each crowd, how that grew, and where the server could not go on.
 */
import type { Parameters } from "../../contract.ts";
import type { Cell, Estimate, Summary } from "../../results/run.ts";
import { countingSamples } from "../../results/summary.ts";
import type { Interval } from "../../statistics/bootstrap.ts";
import { independentRatio } from "../../statistics/ratio.ts";
import { logLogSlope } from "../../statistics/slope.ts";
import { isClientLimited, serverLabel } from "../labels.ts";

const CROWD = "idleConnections";
/** Below this a few busy connections hide what the silent ones cost, so the slope is taken from here on. */
export const SLOPE_FROM = 1000;

/** What was measured beside one crowd. */
export interface CrowdPoint {
  crowd: number;
  /** The server's CPU time per echo, nanoseconds. */
  cpuNs: Estimate;
  /** The same of each round that counts. */
  roundsNs: number[];
  isClientLimited: boolean;
  summary: Summary;
}

/** How many times dearer an echo was beside the largest crowd than beside the smallest. */
export interface Growth {
  from: number;
  to: number;
  times: Interval;
  /** Of the end that has fewer. */
  rounds: number;
}

export interface CrowdLine {
  label: string;
  /** Ascending; only what may be believed. */
  points: CrowdPoint[];
  /** Of log cost on log crowd, from `SLOPE_FROM` on; null when there are too few points. */
  slope: Interval | null;
  /** Null when fewer than two crowds were measured. */
  growth: Growth | null;
  /** The crowd beside which the server failed, with none that is as large or larger where it did not. */
  wall: {
    crowd: number;
    reason: string | null;
    /** The first of the server's last lines on stderr, which names the limit when a server reports one. */
    said: string | null;
  } | null;
  /** Crowds without a number, other than the wall and what lies beyond it. */
  gaps: { crowd: number; why: string }[];
}

/** The lines of one setting of the active connections. */
export interface CrowdLines {
  /** What the active connections did, in words. */
  settings: string;
  /** Every size that was asked for, ascending; two at least. */
  crowds: number[];
  lines: CrowdLine[];
}

/** One entry for each setting of the active connections; none when no two crowds were asked for. */
export function crowdLines(cells: readonly Cell[]): CrowdLines[] {
  const crowded = cells.filter((cell) => CROWD in cell.parameters);
  return [...Map.groupBy(crowded, settingsOf)].flatMap(([settings, members]) => {
    const crowds = [...new Set(members.map(crowdOf))].toSorted((a, b) => a - b);
    if (crowds.length < 2) return [];
    const lines = [...Map.groupBy(members, serverLabel)].map(([label, own]) => lineOf(label, own));
    return [{ settings, crowds, lines }];
  });
}

function settingsOf({ protocol, scenario, parameters }: Cell): string {
  const { connections, payloadBytes, [CROWD]: _, ...others }: Parameters = parameters;
  const rest = Object.entries(others).map(([name, value]) => `, ${name} ${value}`);
  const active = `${connections} active ${connections === 1 ? "connection" : "connections"}`;
  return `${scenario} with ${active}, ${payloadBytes} B, ${protocol}${rest.join("")}`;
}

function crowdOf({ parameters }: Cell): number {
  return Number(parameters[CROWD]);
}

function lineOf(label: string, cells: readonly Cell[]): CrowdLine {
  const ascending = cells.toSorted((left, right) => crowdOf(left) - crowdOf(right));
  const points = ascending.flatMap(pointOf);
  const lastWell = ascending.findLastIndex(({ status }) => status === "ok");
  const wall = ascending.slice(lastWell + 1).find(({ status }) => status === "failed");
  const wallAt = wall === undefined ? Infinity : crowdOf(wall);
  return {
    label,
    points,
    slope: slopeOf(points),
    growth: growthOf(points),
    wall:
      wall === undefined ? null : { crowd: wallAt, reason: wall.reason, said: wall.serverStderr[0] ?? null },
    gaps: ascending
      .filter((cell) => crowdOf(cell) < wallAt && pointOf(cell).length === 0)
      .map((cell) => ({
        crowd: crowdOf(cell),
        why: cell.status === "ok" ? "CPU time not observed" : cell.status,
      })),
  };
}

/** The cell as a point, or nothing when it has no cost that can stand on a log scale. */
function pointOf(cell: Cell): CrowdPoint[] {
  const { status, summary } = cell;
  const cpuNs = summary?.serverCpuNsPerOp;
  if (status !== "ok" || summary === null || !cpuNs || !(cpuNs.low > 0)) return [];
  const roundsNs = countingSamples(cell.samples).flatMap(({ serverCpuNsPerOp }) => serverCpuNsPerOp ?? []);
  return [{ crowd: crowdOf(cell), cpuNs, roundsNs, isClientLimited: isClientLimited(cell), summary }];
}

function slopeOf(points: readonly CrowdPoint[]): Interval | null {
  return logLogSlope(
    points
      .filter(({ crowd }) => crowd >= SLOPE_FROM)
      .flatMap(({ crowd, roundsNs }) => roundsNs.map((costNs) => ({ x: crowd, y: costNs }))),
  );
}

function growthOf(points: readonly CrowdPoint[]): Growth | null {
  const [smallest] = points;
  const largest = points.at(-1);
  if (smallest === undefined || largest === undefined || smallest === largest) return null;
  return {
    from: smallest.crowd,
    to: largest.crowd,
    times: independentRatio(smallest.roundsNs, largest.roundsNs),
    rounds: Math.min(smallest.roundsNs.length, largest.roundsNs.length),
  };
}
