/** The search for the capacity against invented servers whose capacity is known. */
import { expect, test } from "vitest";
import { parseObjective } from "../../../harness/results/objective.ts";
import { MOST_STEPS, searchCapacity } from "../../../harness/capacity/search.ts";
import type { CapacitySearch } from "../../../harness/results/run.ts";
import { judge } from "../../../harness/checks/judge.ts";
import { inventedServer, type InventedServer } from "./loads.ts";

const TIMING = { warmupSeconds: 0.3, durationSeconds: 0.4 };
const FAST = { latencyNs: 200_000 };
const SLOW = { latencyNs: 5_000_000 };

async function search(server: InventedServer, objective = "p99<1ms"): Promise<CapacitySearch> {
  const { search: found } = await searchCapacity(parseObjective(objective), TIMING, server);
  if (found === undefined) throw new Error("the load carries no search");
  return found;
}

test.each([4000, 45_000, 70_000, 99_000, 250_000])(
  "a knee at %i requests per second is found to within a twentieth, and never beyond it",
  async (knee) => {
    const found = await search(inventedServer(100_000, (rate) => (rate <= knee ? FAST : SLOW)));
    expect(found.capacityPerSecond).toBeLessThanOrEqual(knee);
    expect(found.limitPerSecond).toBeGreaterThan(knee);
    expect((found.limitPerSecond ?? Infinity) / (found.capacityPerSecond ?? 0)).toBeLessThanOrEqual(1.05);
    expect(found.limitedBy).toBe("objective");
    expect(found.steps.length).toBeLessThanOrEqual(MOST_STEPS);
  },
);

test("the load it resolves with is the one at the capacity", async () => {
  const server = inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : SLOW));
  const load = await searchCapacity(parseObjective("p99<1ms"), TIMING, server);
  expect(load.scheduled).toBe(Math.round((load.search?.capacityPerSecond ?? 0) * load.windowSeconds));
  expect(load.latency?.latencyNs.p99).toBe(FAST.latencyNs);
});

test("one stall does not end the search, because a miss is tried again", async () => {
  const found = await search(
    inventedServer(100_000, (rate, visit) => (rate <= 60_000 && visit !== 0 ? FAST : SLOW)),
  );
  expect(found.steps[0]).toMatchObject({ ratePerSecond: 50_000, outcome: "missed" });
  expect(found.steps[1]).toMatchObject({ ratePerSecond: 50_000, outcome: "met" });
  expect(found.capacityPerSecond).toBeGreaterThan(57_000);
});

test("a rate that overloads the server is not tried again", async () => {
  const server = inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : { ...SLOW, answeredShare: 0.8 }));
  await search(server);
  expect(new Set(server.offered).size).toBe(server.offered.length);
});

test("where the generator cannot follow, the capacity is only a lower bound", async () => {
  const found = await search(
    inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : { ...FAST, sentShare: 0.9 })),
  );
  expect(found.limitedBy).toBe("generator");
  expect(found.capacityPerSecond).toBeGreaterThan(57_000);
  expect(found.steps.find(({ outcome }) => outcome === "generator")?.reason).toContain(
    "90.0 % of the scheduled requests were sent in time",
  );
});

test("lag that is small beside the objective does not hide that it is met", async () => {
  const server = inventedServer(100_000, (rate) => (rate <= 60_000 ? { ...FAST, lagNs: 90_000 } : SLOW));
  const load = await searchCapacity(parseObjective("p99<1ms"), TIMING, server);
  expect(load.search?.limitedBy).toBe("objective");
  const { verdict } = judge({ loop: "open", load, counters: null, serverCpuCount: 1, machine: null });
  expect(verdict).toBe("valid");
});

test("lag beyond a tenth of the objective and of the latency is the generator's failure", async () => {
  const found = await search(
    inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : { latencyNs: 1_500_000, lagNs: 160_000 })),
  );
  expect(found.limitedBy).toBe("generator");
});

test("one try in which the generator kept its schedule is enough to call the objective missed", async () => {
  const found = await search(
    inventedServer(100_000, (rate, visit) =>
      rate <= 60_000 ? FAST : visit % 2 === 0 ? SLOW : { ...FAST, sentShare: 0.9 },
    ),
  );
  expect(found.limitedBy).toBe("objective");
});

test("a server that never misses leaves the capacity a lower bound after a bounded number of loads", async () => {
  const server = inventedServer(1000, () => FAST);
  const found = await search(server);
  expect(found).toMatchObject({ limitedBy: "steps", limitPerSecond: null });
  expect(server.offered).toHaveLength(MOST_STEPS);
});

test("an objective that is met at no rate says so, with what was seen at the lowest", async () => {
  const server = inventedServer(100_000, () => SLOW);
  await expect(search(server)).rejects.toThrow(
    "The objective p99<1ms was met at no offered rate. The lowest that was tried is 250 requests per second, and there " +
      "p99 was 5.00 ms.",
  );
});

test("where the generator fails at every rate, the last load says so itself and no server is judged", async () => {
  const server = inventedServer(100_000, () => ({ ...SLOW, sentShare: 0.5 }));
  const load = await searchCapacity(parseObjective("p99<1ms"), TIMING, server);
  expect(load.search).toMatchObject({ capacityPerSecond: null, limitedBy: "generator" });
  const { verdict } = judge({ loop: "open", load, counters: null, serverCpuCount: 1, machine: null });
  expect(verdict).toBe("invalid");
});

test("a search that the generator ended is client-limited, one that its objective ended is valid", async () => {
  const verdicts = [{ ...FAST, sentShare: 0.9 }, SLOW].map(async (beyond) => {
    const server = inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : beyond));
    const load = await searchCapacity(parseObjective("p99<1ms"), TIMING, server);
    return judge({ loop: "open", load, counters: null, serverCpuCount: 1, machine: null }).verdict;
  });
  expect(await Promise.all(verdicts)).toEqual(["client-limited", "valid"]);
});

test("requests that time out miss the objective", async () => {
  const found = await search(
    inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : { ...FAST, timedOut: 2 })),
  );
  expect(found.limitedBy).toBe("objective");
  expect(found.steps.find(({ outcome }) => outcome === "missed")?.reason).toBe("2 requests timed out");
});

test("a wrong byte ends the search, because the server is then broken and not slow", async () => {
  const server = inventedServer(100_000, (rate) => (rate <= 60_000 ? FAST : { ...FAST, corrupt: 1 }));
  await expect(search(server)).rejects.toThrow("1 corrupt; first: connection 3, message 5: byte 0 is wrong");
});

test("every condition of an objective must hold", async () => {
  const server = inventedServer(100_000, (rate) => ({ latencyNs: rate * 10 }));
  const found = await search(server, "p50<1ms,p99.9<600us");
  expect(found.capacityPerSecond).toBeLessThan(60_000);
  expect(found.limitPerSecond).toBeGreaterThanOrEqual(60_000);
});
