/**
 * How late timers of 10 ms are, without a server and beside an idle one, in turn, so that both meet the same machine: two
 * lower quartiles in milliseconds, as JSON. What a busy machine adds is in the later ones.
 */
import { setTimeout as delay } from "node:timers/promises";
import { listen } from "../../../../reactor/index.ts";

const TIMERS = 51;
const DUE_MS = 10;

async function latenessMs(): Promise<number> {
  const startedMs = performance.now();
  await delay(DUE_MS);
  return performance.now() - startedMs - DUE_MS;
}

function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)]!;
}

const [plain, beside]: [number[], number[]] = [[], []];
while (beside.length < TIMERS) {
  plain.push(await latenessMs());
  const server = await listen({ multiplexer: process.argv[2]!, socket: {} });
  beside.push(await latenessMs());
  await server.close();
}
process.stdout.write(JSON.stringify({ plain: lowerQuartile(plain), beside: lowerQuartile(beside) }));
