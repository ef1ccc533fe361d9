/** What the kernel counts for the whole machine. */
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import {
  cpuPressureUs,
  listenRefusals,
  refusalsBetween,
  busySeconds,
  busySecondsIn,
} from "../../../harness/machine/kernel-counters.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";

const BURN = "while (process.cpuUsage().user < 200_000);";

describe("interrupts on a CPU", () => {
  // user nice system idle iowait irq softirq steal, in ticks of 10 ms
  const stat = "cpu 0 0 0 0 0 0 0 0\ncpu0 100 20 300 9000 50 7 500 11 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\n";

  test("count where processes are charged for them", () => {
    expect(busySecondsIn(stat, [0], false)).toBeCloseTo(9.27);
  });

  test("do not count where the kernel clocks them apart", () => {
    expect(busySecondsIn(stat, [0], true)).toBeCloseTo(4.2);
  });
});

test("the busy time of the CPUs holds that of a process that ran meanwhile", () => {
  const before = busySeconds(allowedCpus()) ?? Number.NaN;
  execFileSync(process.execPath, ["-e", BURN]);
  // The kernel counts whole ticks of 10 ms, so a little may be missing.
  expect((busySeconds(allowedCpus()) ?? Number.NaN) - before).toBeGreaterThan(0.1);
});

test("a CPU that is not there has no time", () => {
  expect(busySeconds([99_999])).toBeNull();
});

test("pressure never falls", ({ skip }) => {
  const before = cpuPressureUs();
  if (before === null) return skip("this kernel does not count CPU pressure");
  expect(cpuPressureUs()).toBeGreaterThanOrEqual(before);
});

test("what was refused is a difference, and unknown where a count is", () => {
  const { listenDrops } = listenRefusals();
  if (listenDrops === null) throw new Error("Linux counts dropped connections in /proc/net/netstat.");
  const since = refusalsBetween({ listenOverflows: null, listenDrops: listenDrops - 5 }, listenRefusals());
  expect(since.listenDrops).toBeGreaterThanOrEqual(5);
  expect(since.listenOverflows).toBeNull();
});
