/** What the kernel counts for the whole machine. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import {
  cpuPressureUs,
  listenRefusals,
  refusalsSince,
  busySeconds,
} from "../../harness/processes/machine.ts";
import { allowedCpus } from "../../harness/run/cpus.ts";

const BURN = "while (process.cpuUsage().user < 200_000);";

test("the time of tasks holds that of a process that ran meanwhile", () => {
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
  const since = refusalsSince({ listenOverflows: null, listenDrops: listenDrops - 5 });
  expect(since.listenDrops).toBeGreaterThanOrEqual(5);
  expect(since.listenOverflows).toBeNull();
});
