/**
 * One generation of `npm run micro` in a process of its own: tinybench over every piece that can run here. Prints what it saw
 * of each as JSON.
 */
import { Bench } from "tinybench";
import { loadPieces } from "./pieces.ts";
import type { Measured } from "./measured.ts";
import { pieceId } from "./piece.ts";

const [timeMs = "200", ...wanted] = process.argv.slice(2);
const results: Record<string, Measured> = {};
for (const piece of await loadPieces()) {
  const id = pieceId(piece);
  if (!wanted.includes(id)) continue;
  const { calls, isAsync, prepare } = piece;
  const prepared = await prepare();
  const bench = new Bench({ time: Number(timeMs), warmupTime: Number(timeMs), throws: true });
  let iterations = 0;
  let began = process.cpuUsage();
  let spent = began;
  bench.add(id, () => prepared.run(calls), {
    async: isAsync,
    // Both are called for the warm-up, too, and again for what counts.
    beforeAll: () => {
      iterations = 0;
      began = process.cpuUsage();
    },
    beforeEach: () => void iterations++,
    // tinybench makes its statistics after this, which are no part of the piece.
    afterAll: () => void (spent = process.cpuUsage(began)),
  });
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result?.state !== "completed") throw new Error(`${id} ended as ${result?.state ?? "nothing"}.`);
  results[id] = {
    calls: iterations * calls,
    nsPerCall: (result.latency.mean * 1e6) / calls,
    cpuNsPerCall: ((spent.user + spent.system) * 1000) / (iterations * calls),
  };
  await prepared.close();
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
