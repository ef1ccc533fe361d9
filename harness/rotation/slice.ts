/** One slice of load on one server while others are alive beside it, with what the kernel says about it. */
import type { Loop } from "../contract.ts";
import type { LoadSession } from "../children/generator/run-load.ts";
import { mergeSlices } from "../children/generator/slice-load.ts";
import type { ServerUnderTest } from "../children/server/server.ts";
import type { Stall } from "../results/run.ts";
import type { SliceLoad } from "../results/slice-load.ts";
import { median } from "../statistics/median.ts";
import { differenceOf, lookAt, type ServerDifference } from "./server-look.ts";

/** One server under one workload. */
export interface Arm {
  /** How messages and whoever asked for it name it. */
  id: string;
  loop: Loop;
  server: Pick<ServerUnderTest, "counters">;
  pids: readonly number[];
  session: LoadSession;
}

export interface SliceTimes {
  /** Load before the window, in which the CPU's caches become the server's. */
  discardSeconds: number;
  durationSeconds: number;
}

export interface Slice {
  load: SliceLoad;
  seen: ServerDifference;
  /** What the machine did to this slice, in words; null when it left it alone. */
  spoiled: string | null;
  /** The longest time a request of an open loop was unanswered, where that was a stall. */
  stallSeconds: number | null;
}

/** A request that is unanswered for so long is named a stall; servers pause for shorter times to collect garbage. */
const STALL_SECONDS = 0.05;
/**
 * A request that is unanswered for so long when an open loop's slice ends may be the beginning of a stall, and the slice
 * goes on until it is over: else most of a stall would fall into the time between slices, and count for nothing.
 */
const UNANSWERED_SECONDS = 0.005;
/** The generator, or the server's thread, may be kept from its CPU for this share of the slice, or this long. */
const KEPT_SHARE = 0.2;
const KEPT_SECONDS = 0.01;
/**
 * An open loop's requests leave within 0.1 to 0.7 ms of their moment here, the latest of a slice; a generator whose CPU was
 * taken away is later than this, and a few such requests are all of a p99.
 */
const LATE_SECONDS = 0.002;

/** Rejects when the generator cannot work; a server's faults are in the load's accounting. */
export async function runSlice(
  { loop, server, pids, session }: Arm,
  { discardSeconds, durationSeconds }: SliceTimes,
  seed: number,
  neighbourPids: readonly number[] = [],
): Promise<Slice> {
  const before = await lookAt(server, pids);
  const startedAtMs = performance.now();
  const load = await session.run({
    ...{ startNs: 0, discardSeconds, durationSeconds, seed, neighbourPids },
    stallSeconds: loop === "open" ? UNANSWERED_SECONDS : 0,
  });
  const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
  const seen = differenceOf(before, await lookAt(server, pids));
  return {
    load,
    seen,
    spoiled: spoiledBy(load, seen, elapsedSeconds),
    stallSeconds: loop === "open" ? stallIn(load) : null,
  };
}

/** CPU time per operation, nanoseconds; time per operation where the server's clocks cannot be read. Null without any. */
export function costOf(slices: readonly Slice[]): number | null {
  const operations = slices.reduce((sum, { load }) => sum + load.operations, 0);
  if (operations === 0) return null;
  const cpuNs = slices.map(({ load }) => load.serverCpuNs ?? load.windowSeconds * 1e9);
  return cpuNs.reduce((sum, ns) => sum + ns, 0) / operations;
}

/** Whether a request failed, after which the session has no load any more. */
export function failureIn({ load: { accounting } }: Slice): boolean {
  return Object.values(accounting.errors).some((count) => count > 0);
}

/**
 * Neither the speed nor the latency of the slice is looked at: only whether the generator, or the server, was kept from
 * running by something that is neither.
 */
function spoiledBy(load: SliceLoad, seen: ServerDifference, elapsedSeconds: number): string | null {
  const keptSeconds = Math.max(KEPT_SECONDS, KEPT_SHARE * elapsedSeconds);
  const waitSeconds = Math.max(0, ...(load.clientWaitShare ?? [])) * load.windowSeconds;
  const found: { what: string; seconds: number; limit: number }[] = [
    {
      what: "the load generator did not run",
      seconds: load.clientLongestPauseNs / 1e9,
      limit: keptSeconds,
    },
    { what: "the load generator waited for a CPU", seconds: waitSeconds, limit: keptSeconds },
    // Requests are sent by the clock, whatever the server does, so that one is late says nothing of the server.
    {
      what: "the load generator held a request back",
      seconds: (load.stages["sendLag"]?.maxNs ?? 0) / 1e9,
      limit: LATE_SECONDS,
    },
    {
      what: "the server waited for a CPU that others had",
      seconds: (seen.keptWaitingNs ?? 0) / 1e9,
      limit: keptSeconds,
    },
    {
      what: "another server ran beside this one",
      seconds: (load.neighboursCpuNs ?? 0) / 1e9,
      limit: keptSeconds,
    },
  ];
  const worst = found.reduce((a, b) => (b.seconds / b.limit > a.seconds / a.limit ? b : a));
  if (worst.seconds <= worst.limit) return null;
  return `${worst.what} for ${Math.round(worst.seconds * 1000)} ms of a slice`;
}

function stallIn({ latency }: SliceLoad): number | null {
  return latency.maxNs < STALL_SECONDS * 1e9 ? null : latency.maxNs / 1e9;
}

/** A slice that the machine spoiled is left out by then, so these are the server's own. */
export function stallsOf(slices: readonly Slice[]): Stall[] {
  const usual = slices
    .filter(({ stallSeconds }) => stallSeconds === null)
    .flatMap((one) => costOf([one]) ?? []);
  const usualNs = usual.length === 0 ? null : median(usual);
  return slices.flatMap((slice) =>
    slice.stallSeconds === null
      ? []
      : [{ seconds: slice.stallSeconds, cause: causeOf(slice, slice.stallSeconds, usualNs) }],
  );
}

/** What the server was doing meanwhile, by its CPU time beyond what its answers usually cost; null when that is not known. */
function causeOf({ load, seen }: Slice, stallSeconds: number, usualNs: number | null): Stall["cause"] {
  if (seen.cpuNs === null || usualNs === null) return null;
  const beyondNs = seen.cpuNs - usualNs * load.accounting.ok;
  return beyondNs >= (stallSeconds * 1e9) / 2 ? "on-cpu" : "asleep";
}

/** The slices of one arm as one load. Throws a RangeError when there is none. */
export function loadOf(slices: readonly Slice[]): ReturnType<typeof mergeSlices> {
  return mergeSlices(slices.map(({ load }) => load));
}
