/** What generators would have recorded of one and the same server, the right one and some that are wrong. */
import { nativeGenerator } from "../../../harness/children/generator/native-generator.ts";
import type { Served } from "../../../harness/calibrate/null-server.ts";
import { distributionOf } from "../../../harness/children/generator/slice-load.ts";
import type { Distribution } from "../../../harness/results/run.ts";
import { createRandom } from "../../../harness/statistics/random.ts";

export const COST_NS = 12_000;

/** Requests at a constant rate, each answered after a delay drawn from `drawNs`. */
export function served(count: number, drawNs: (uniform: number) => number, seed = 5): Served[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_value, index) => {
    const arrivedNs = 1e12 + index * 200_000;
    const orderedNs = drawNs(random.next());
    return { arrivedNs, orderedNs, sentNs: arrivedNs + orderedNs + 1000 };
  });
}

/** What a right generator records for these service times. */
export function latenciesOf(serviceTimesNs: readonly number[]): number[] {
  const random = createRandom(9);
  return serviceTimesNs.map((serviceTimeNs) => serviceTimeNs + COST_NS + random.next() * 4000);
}

/** A distribution as the native generator would have counted it. */
export function recorded(latenciesNs: readonly number[]): Distribution {
  const distribution = distributionOf([nativeGenerator.histogramOf(Float64Array.from(latenciesNs))]);
  if (distribution === null) throw new Error("nothing was recorded");
  return distribution;
}
