/** Loads a server with the native generator, at once or in slices. JavaScript's thread sleeps meanwhile. */
import type { LoadResult } from "../../results/run.ts";
import type { SliceLoad } from "../../results/slice-load.ts";
import { nativeJob, validateJob, type LoadJob } from "./job.ts";
import { createCounters, type CounterPage } from "./live-counters.ts";
import { nativeGenerator, type NativeSlice } from "./native-generator.ts";
import { describeSlice } from "./native-result.ts";
import { mergeSlices } from "./slice-load.ts";

/**
 * Runs a job in this process and resolves with what was observed, also when the server failed: the accounting then
 * says how. Rejects with a RangeError for an invalid job, and with an Error when the generator itself cannot work.
 * `counters` is where the live counters go; a page of its own unless given.
 */
export async function runLoad(job: LoadJob, counters: CounterPage = createCounters()): Promise<LoadResult> {
  validateJob(job);
  return mergeSlices([describeSlice(job, await nativeGenerator.run(nativeJob(job), counters.page))]);
}

/** The connections of one job, which stay while slices of its load come and go. */
export interface LoadSession {
  /**
   * Loads the server for one slice and resolves when every request is answered. A connection that the server closed
   * since the last slice is opened again first. After a slice with errors there is no load any more.
   */
  run(slice: NativeSlice): Promise<SliceLoad>;
  /** Closes the connections; the session cannot be used afterwards. */
  close(): Promise<void>;
}

/** Opens the connections of a job, whose own times and seed count for nothing. Rejects as `runLoad` does. */
export async function openSession(
  job: LoadJob,
  counters: CounterPage = createCounters(),
): Promise<LoadSession> {
  validateJob(job);
  const session = new nativeGenerator.Session(nativeJob(job), counters.page);
  try {
    await session.open();
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    run: async (slice) => describeSlice(job, await session.run(slice)),
    close: () => session.close(),
  };
}
