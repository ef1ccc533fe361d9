/** What counts as taken by others between two looks at the machine. */
import { expect, test } from "vitest";
import { machineBetween, type MachineMoment } from "../../../harness/rotation/machine-watch.ts";

/** So much later, with this much CPU time of all processes and of the measured ones, and so many stolen ticks. */
function moment(seconds: number, busySeconds: number, ownSeconds: number, stealTicks: number): MachineMoment {
  return {
    atMs: seconds * 1000,
    cpuTimes: { totalTicks: seconds * 200, idleTicks: 0, stealTicks },
    pressureUs: 0,
    busySeconds,
    ownCpuNs: ownSeconds * 1e9,
    refusals: { listenOverflows: 0, listenDrops: 0 },
  };
}

const START = moment(0, 0, 0, 0);

test("a tick at the edge of a short stretch is nobody's", () => {
  const { otherProcessesCpuShare, stealShare } = machineBetween(START, moment(0.08, 0.13, 0.11, 1), 2);
  expect(otherProcessesCpuShare).toBeCloseTo(0);
  expect(stealShare).toBe(0);
});

test("what is beyond that is others'", () => {
  const { otherProcessesCpuShare, stealShare } = machineBetween(START, moment(0.4, 0.8, 0.6, 17), 2);
  expect(otherProcessesCpuShare).toBeCloseTo(0.18 / 0.8);
  expect(stealShare).toBeCloseTo(16 / 80);
});

test("what was not observed stays null", () => {
  const end = { ...moment(0.4, 0.8, 0.6, 0), ownCpuNs: null, cpuTimes: null };
  expect(machineBetween(START, end, 2)).toMatchObject({ otherProcessesCpuShare: null, stealShare: null });
});
