/** Runs one load with the native generator. JavaScript's thread sleeps meanwhile. */
import type { LoadResult } from "../../results/run.ts";
import { nativeJob, validateJob, type LoadJob } from "./job.ts";
import { createCounters, type CounterPage } from "./live-counters.ts";
import { nativeGenerator } from "./native-generator.ts";
import { describeResult } from "./native-result.ts";

/**
 * Runs a job in this process and resolves with what was observed, also when the server failed: the accounting then
 * says how. Rejects with a RangeError for an invalid job, and with an Error when the generator itself cannot work.
 * `counters` is where the live counters go; a page of its own unless given.
 */
export async function runLoad(job: LoadJob, counters: CounterPage = createCounters()): Promise<LoadResult> {
  validateJob(job);
  return describeResult(job, await nativeGenerator.run(nativeJob(job), counters.page));
}
