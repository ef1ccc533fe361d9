/**
 * What libuv reports about its loop, under the names all servers share. It counts turns of its loop rather than calls of
 * epoll_wait; on Linux a turn that has something to wait for makes one such call. It does not count the other counters.
 */
import { performance } from "node:perf_hooks";
import { COUNTERS, type Counters } from "../../contract.ts";

const NS_PER_MS = 1e6;

export function libuvCounters(): Counters {
  const { loopCount, events } = performance.nodeTiming.uvMetricsInfo;
  const unknown = Object.fromEntries(COUNTERS.map((name) => [name, null])) as Counters;
  const timeInWaitNs = Math.round(performance.eventLoopUtilization().idle * NS_PER_MS);
  return { ...unknown, waits: loopCount, events, timeInWaitNs };
}
