/** Other load generators in a bench, on a real server. */
import { expect, test } from "vitest";
import { autocannon } from "../../../harness/engines/autocannon.ts";
import { runBench } from "../../../harness/index.ts";
import { withFolder } from "../commands/command-line.ts";

test("autocannon measures echoes over http beside ours", async ({ skip }) => {
  const availability = await autocannon.availability();
  if (!availability.available) skip(availability.reason);
  await withFolder(async (outFolder) => {
    const { run } = await runBench({
      ...{
        frameworks: ["node-net"],
        scenarios: ["echo"],
        protocols: ["http", "tcp"],
        engines: ["autocannon"],
      },
      ...{ generations: 2, durationSeconds: 0.12, warmupSeconds: 0.3, trace: "none", outFolder },
    });
    const [http, tcp] = ["http", "tcp"].map((protocol) =>
      run.cells.find((cell) => cell.protocol === protocol),
    );
    expect(tcp?.otherEngines).toEqual([]);
    const [found] = http?.otherEngines ?? [];
    expect(found?.reason).toBeNull();
    expect(found?.rounds).toHaveLength(2);
    for (const round of found?.rounds ?? []) expect(round.requestsPerSecond).toBeGreaterThan(0);
  });
});

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
