import { describe, expect, test } from "vitest";
import { measureFloor } from "../../../harness/children/kernel-floor.ts";
import type { FloorSample } from "../../../harness/results/run.ts";
import { summarise } from "../../../harness/results/summary.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const unstopped = { cpus: [0], generation: 0, signal: new AbortController().signal };

describe("the kernel floor", () => {
  test("is the CPU time of half a round trip", async () => {
    const small = await measureFloor({ ...unstopped, payloadBytes: 64 });
    expect(small.operations).toBeGreaterThan(0);
    // The thread was on the CPU for at most the tenth of a second that was measured, and is two ends at once.
    expect(small.cpuNsPerOp * small.operations * 2).toBeLessThan(1e9);
    expect(small.cpuNsPerOp).toBeGreaterThan(0);
  });

  test("grows with the payload, also beyond what a socket's buffers hold", async () => {
    const small = await measureFloor({ ...unstopped, payloadBytes: 64 });
    const large = await measureFloor({ ...unstopped, payloadBytes: 8 * 1024 * 1024 });
    expect(large.cpuNsPerOp).toBeGreaterThan(10 * small.cpuNsPerOp);
  });

  test("stops at once when the bench is stopped", async () => {
    const controller = new AbortController();
    const measuring = measureFloor({ ...unstopped, payloadBytes: 64, signal: controller.signal });
    controller.abort(new Error("stopped"));
    await expect(measuring).rejects.toThrow("stopped");
  });

  test("is held against the server's cost in the same generation", () => {
    const [cell] = fixtureRun().cells;
    const samples = cell!.samples.map((sample) => ({
      ...sample,
      serverCpuNsPerOp: 8000 + 1000 * sample.generation,
    }));
    const floor: FloorSample[] = samples.map(({ generation }) => ({
      generation,
      payloadBytes: 64,
      operations: 1,
      cpuNsPerOp: (8000 + 1000 * generation) / 2,
    }));
    const share = { value: 0.5, low: 0.5, high: 0.5, unit: "share" };
    expect(summarise(samples, "echoes", { floor })?.floorShare).toEqual(share);
    expect(summarise(samples, "echoes")?.floorShare).toBeNull();
  });
});
