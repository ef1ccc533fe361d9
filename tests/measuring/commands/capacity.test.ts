/** `bench --slo`: the search for the capacity, against a server that cannot be faster than it says. */
import { expect, test } from "vitest";
import { benchCommand, serverCommand } from "./command-line.ts";

test("the capacity of a server that takes a millisecond for each echo is below what a second holds", async () => {
  const { run, outcome } = await benchCommand(
    serverCommand("takes-a-millisecond.mjs"),
    ...["--scenarios", "latency", "--slo", "p90<50ms", "--connections", "8"],
  );
  const [cell] = run.cells;
  expect(outcome.stderr).toContain("1 search for the capacity (1 cell, 1 generation)");
  expect(cell).toMatchObject({
    loop: "open",
    parameters: { objective: "p90<50ms", connections: 8, payloadBytes: 64 },
  });
  const search = cell?.samples[0]?.load?.search;
  const outcomes = new Set(search?.steps.map((step) => step.outcome));
  const met = search?.steps.filter((step) => step.outcome === "met").map((step) => step.ratePerSecond) ?? [];
  // A machine too busy for the generator judges nobody; whatever is found otherwise, the server's own limit is above it.
  if (search?.capacityPerSecond === null) expect([...outcomes]).toEqual(["generator"]);
  else {
    expect(search?.capacityPerSecond).toBe(Math.max(...met));
    // Each step is long enough that a tenth too much leaves more than 50 ms of work waiting at its end.
    expect(search?.capacityPerSecond).toBeLessThan(1150);
    expect(outcomes.size).toBeGreaterThan(1);
    // A busy machine may make the sample invalid all the same, and then nothing is summarised.
    expect(["ok", "invalid"]).toContain(cell?.status);
    if (cell?.status === "ok") expect(cell.summary?.throughput.value).toBe(search?.capacityPerSecond);
  }
  expect(cell?.traceReason).toContain("A search for the capacity is many loads");
});
