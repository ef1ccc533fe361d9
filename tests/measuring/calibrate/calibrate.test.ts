/** Calibrations of the real generator: a stop seen by both loops, and a CPU that somebody else burns. */
import { expect, test } from "vitest";
import { calibrate } from "../../../harness/calibrate/calibrate.ts";
import { Disturbance } from "../../../harness/calibrate/expected.ts";
import { cpuPressureUs } from "../../../harness/machine/kernel-counters.ts";
import { measureTransport } from "../../../harness/calibrate/reference.ts";
import { observeStop, type Tools } from "../../../harness/calibrate/calibration-sample.ts";
import type { Finding } from "../../../harness/calibrate/compare.ts";
import { spawnSupervised } from "../../../harness/machine/supervised.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { median } from "../../../harness/statistics/median.ts";
import { startGenerator } from "../../../harness/children/generator/generator.ts";
import { onQuietMachine } from "../quiet-machine.ts";

const [SERVER_CPU, CLIENT_CPU] = allowedCpus();
const ATTEMPTS = 8;

/** Null when the machine was never left alone for long enough. */
async function whenQuiet<T>(measure: () => Promise<T>): Promise<T | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await measure();
    } catch (error) {
      if (!(error instanceof Disturbance)) throw error;
    }
  }
  return null;
}

async function stopped(loop: "open" | "closed", cpus: Omit<Tools, "generator">): Promise<Finding[] | null> {
  const generator = startGenerator(cpus.clientCpus);
  const costs = [{ serviceTimeNs: 0, costNs: 20_000 }];
  try {
    const seen = await whenQuiet(() =>
      observeStop({ generator, ...cpus }, { protocol: "tcp", loop, seed: 1 }),
    );
    return seen === null ? null : seen.compare(costs);
  } finally {
    await generator.stop();
  }
}

const find = (findings: readonly Finding[], quantity: string): Finding => {
  const finding = findings.find((one) => one.quantity === quantity);
  if (!finding) throw new Error(`there is no ${quantity}`);
  return finding;
};

test(
  "an open loop sees every request that a stop delays, a closed loop one for each connection",
  {
    timeout: 120_000,
  },
  onQuietMachine(async ({ skip }) => {
    if (SERVER_CPU === undefined || CLIENT_CPU === undefined) return skip("it needs two CPUs");
    const cpus = { serverCpus: [SERVER_CPU], clientCpus: [CLIENT_CPU] };
    // The middle of three, as in a calibration: a burst of the hypervisor delays requests, too.
    const opens = [await stopped("open", cpus), await stopped("open", cpus), await stopped("open", cpus)];
    const closed = await stopped("closed", cpus);
    const seen = opens.filter((one) => one !== null);
    if (seen.length < opens.length || closed === null) return skip("the machine was never quiet");
    const delayed = seen.map((open) => find(open, "delayed"));
    expect(median(delayed.map(({ recorded, expected }) => Math.abs(recorded / expected - 1)))).toBeLessThan(
      0.05,
    );
    expect(median(seen.map((open) => find(open, "spread").recorded))).toBeLessThan(0.05);
    expect(find(closed, "delayed").recorded / median(delayed.map(({ recorded }) => recorded))).toBeLessThan(
      0.05,
    );
  }),
);

test("does not pass while somebody burns the generator's CPU", { timeout: 120_000 }, async ({ skip }) => {
  if (SERVER_CPU === undefined || CLIENT_CPU === undefined) return skip("it needs two CPUs");
  const burner = spawnSupervised({
    ...{ command: process.execPath, args: ["-e", "for(;;);"], cpus: [CLIENT_CPU], ipc: false },
  });
  try {
    const outcome = await calibrate({
      ...{ seed: 1, rounds: 1, serverCpus: [SERVER_CPU], clientCpus: [CLIENT_CPU] },
      ...{ idleWaitLimitSeconds: 1, signal: new AbortController().signal, onStep: () => undefined },
    });
    expect(outcome.verdict).not.toBe("passed");
  } finally {
    await burner.kill();
  }
});

test("a transport measured beside a burner is called disturbed", async ({ skip }) => {
  if (SERVER_CPU === undefined || CLIENT_CPU === undefined) return skip("it needs two CPUs");
  if (cpuPressureUs() === null) return skip("this kernel does not count CPU pressure");
  const burner = spawnSupervised({
    ...{ command: process.execPath, args: ["-e", "for(;;);"], cpus: [CLIENT_CPU], ipc: false },
  });
  try {
    const delays = [{ share: 1, delayNs: 1_000_000 }];
    const request = { delays, connections: 4, wait: "spin", durationSeconds: 0.3, seed: 1 } as const;
    await expect(
      measureTransport({ ...request, serverCpus: [SERVER_CPU], clientCpus: [CLIENT_CPU] }),
    ).rejects.toThrow(Disturbance);
  } finally {
    await burner.kill();
  }
});
