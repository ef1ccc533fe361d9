/** Other load generators in a bench, on a real server. */
import { expect, test } from "vitest";
import { autocannon } from "../../../harness/engines/autocannon.ts";
import { runBench } from "../../../harness/index.ts";
import { withFolder } from "../commands/command-line.ts";
import { onQuietMachine } from "../quiet-machine.ts";

test(
  "autocannon measures echoes over http beside ours",
  onQuietMachine(async ({ skip }) => {
    const availability = await autocannon.availability();
    if (!availability.available) skip(availability.reason);
    await withFolder(async (outFolder) => {
      const { run } = await runBench({
        ...{ frameworks: ["node-net"], scenarios: ["echo"], protocols: ["http"], engines: ["autocannon"] },
        ...{ generations: 1, durationSeconds: 0.6, warmupSeconds: 0.3, trace: "none", outFolder },
      });
      const [cell] = run.cells;
      expect(cell?.reason).toBeNull();
      const [found] = cell?.otherEngines ?? [];
      expect(found?.reason).toBeNull();
      expect(found?.rounds).toHaveLength(1);
      expect(found?.rounds[0]?.requestsPerSecond).toBeGreaterThan(0);
    });
  }),
);

test("a bench that has no echo over http refuses them", async () => {
  await expect(
    runBench({ frameworks: ["node-net"], scenarios: ["echo"], protocols: ["tcp"], engines: ["autocannon"] }),
  ).rejects.toThrow("--engine measures echoes over http");
});

test("one that nobody knows is refused with those that are known", async () => {
  await expect(runBench({ frameworks: ["node-net"], engines: ["autocanon"] })).rejects.toThrow(
    'Did you mean "autocannon"?',
  );
});
