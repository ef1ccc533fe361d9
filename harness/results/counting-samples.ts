/** Which samples give numbers. Apart from the summary, because a browser needs this, and not what merges histograms. */
import type { LoadResult, Sample } from "./run.ts";

export type Measured = Sample & { load: LoadResult };

/** The samples that count: measured to the end, and judged valid or limited only by the generator. */
export function countingSamples(samples: readonly Sample[]): Measured[] {
  return samples.filter((sample): sample is Measured => sample.status === "ok" && sample.load !== null);
}
