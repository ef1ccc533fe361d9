/** How late timers of 10 ms are, without a server and beside an idle one: two medians in milliseconds, as JSON. */
import { setTimeout as delay } from "node:timers/promises";
import { listen } from "../../../../reactor/index.ts";

const TIMERS = 51;
const DUE_MS = 10;

async function medianLatenessMs(): Promise<number> {
  const lateness: number[] = [];
  while (lateness.length < TIMERS) {
    const startedMs = performance.now();
    await delay(DUE_MS);
    lateness.push(performance.now() - startedMs - DUE_MS);
  }
  return lateness.toSorted((a, b) => a - b)[(TIMERS - 1) / 2]!;
}

const plain = await medianLatenessMs();
const server = await listen({ multiplexer: process.argv[2]!, socket: {} });
const beside = await medianLatenessMs();
await server.close();
process.stdout.write(JSON.stringify({ plain, beside }));
