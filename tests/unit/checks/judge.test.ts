/** One test per verdict: it makes exactly one thing wrong and sees exactly that check fail. */
import { describe, expect, test } from "vitest";
import type { Loop } from "../../../harness/contract.ts";
import {
  ERROR_CLASSES,
  type CountersSeen,
  type Distribution,
  type ErrorClass,
  type LoadResult,
  type MachineSeen,
} from "../../../harness/results/run.ts";
import type { Observation } from "../../../harness/checks/check.ts";
import { CHECKS, judge, reasonOf } from "../../../harness/checks/judge.ts";

const QUIET: MachineSeen = {
  ...{ stealShare: 0.001, cpuPressureShare: 0.02, otherProcessesCpuShare: 0.01 },
  ...{ listenOverflows: 0, listenDrops: 0 },
};

function distribution(p50: number, p99: number): Distribution {
  const latencyNs = { p50, p90: p99, p99, p99_9: p99, max: p99 };
  return { count: 40_000, meanNs: p50, latencyNs, histogram: "" };
}

/** A load of 40,000 operations in 400 ms with nothing wrong: eight in flight, 80 µs each. */
function honestLoad(loop: Loop): LoadResult {
  const isOpen = loop === "open";
  const errors = Object.fromEntries(ERROR_CLASSES.map((name) => [name, 0])) as Record<ErrorClass, number>;
  return {
    windowSeconds: 0.4,
    operations: 40_000,
    accounting: { sent: 50_000, ok: 50_000, inFlight: 0, errors, firstError: null },
    latency: distribution(80_000, 120_000),
    stages: isOpen ? { fromSend: distribution(79_100, 115_000) } : {},
    serverCpuNs: 390_000_000,
    neighboursCpuNs: null,
    clientCpuNs: 200_000_000,
    clientLongestPauseNs: 0,
    clientBusyShare: [isOpen ? 1 : 0.5],
    clientWaitShare: [0],
    scheduled: isOpen ? 40_000 : null,
    sentInWindow: isOpen ? 40_000 : null,
    edgeInFlight: loop === "closed" ? 0 : null,
    meanInFlight: 8,
    seriesStepSeconds: 0.01,
    series: Array.from({ length: 40 }, (_, index) => 1000 * (index + 1)),
  };
}

function observe(loop: Loop, change: Partial<LoadResult>, machine: Partial<MachineSeen> = {}): Observation {
  return {
    ...{ loop, load: { ...honestLoad(loop), ...change }, serverCpuCount: 1 },
    counters: { operations: 100, elapsedNs: 1e6, counts: { waits: 70, events: 200 } } as CountersSeen,
    machine: { ...QUIET, ...machine },
  };
}

/** The names of the checks that fail. */
function failed(observation: Observation): string[] {
  return judge(observation)
    .checks.filter(({ passed }) => !passed)
    .map(({ id }) => id);
}

test.each(["closed", "open", "churn"] as const)("an honest sample of a %s loop is valid", (loop) => {
  const validity = judge(observe(loop, {}));
  expect(validity.verdict).toBe("valid");
  expect(reasonOf(validity)).toBeNull();
});

test("each loop gets the checks that can be made on it", () => {
  const names = (loop: Loop): string[] => judge(observe(loop, {})).checks.map(({ id }) => id);
  const always = ["integrity", "back-end-proved", "steal", "cpu-pressure"];
  const client = ["client-saturated", "client-kept-waiting"];
  expect(names("closed").toSorted()).toEqual([...always, ...client, "littles-law"].toSorted());
  expect(names("open").toSorted()).toEqual([...always, "rate-offered", "send-lag"].toSorted());
  expect(names("churn").toSorted()).toEqual([...always, ...client, "accept-queue"].toSorted());
});

test("no two checks share an id or a title", () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  expect(new Set(CHECKS.map(({ title }) => title)).size).toBe(CHECKS.length);
});

test("a verdict names what failed, with the number and its limit", () => {
  const validity = judge(observe("closed", {}, { stealShare: 0.2 }));
  expect(validity.verdict).toBe("invalid");
  expect(validity.checks.find(({ id }) => id === "steal")).toMatchObject({ value: 0.2, limit: 0.05 });
  expect(reasonOf(validity)).toBe("the hypervisor took 20.0 % of the CPU time");
});

describe("integrity fails", () => {
  const { accounting } = honestLoad("closed");

  test.each(ERROR_CLASSES)("by one request that is %s", (name) => {
    const errors = { ...accounting.errors, [name]: 1 };
    const change = { accounting: { ...accounting, ok: accounting.ok - 1, errors } };
    expect(failed(observe("closed", change))).toEqual(["integrity"]);
  });

  test("by one request that nobody accounts for", () => {
    const change = { accounting: { ...accounting, ok: accounting.ok - 1 } };
    expect(failed(observe("closed", change))).toEqual(["integrity"]);
  });

  test("by one answer too many", () => {
    const change = { accounting: { ...accounting, ok: accounting.ok + 1 } };
    expect(failed(observe("closed", change))).toEqual(["integrity"]);
  });
});

describe("client saturated", () => {
  test("limits a sample whose generator was busy while the server was not", () => {
    const observation = observe("closed", { clientBusyShare: [0.4, 0.95], serverCpuNs: 200_000_000 });
    expect(failed(observation)).toEqual(["client-saturated"]);
    expect(judge(observation).verdict).toBe("client-limited");
  });

  test("says nothing when the server was saturated, too", () => {
    expect(failed(observe("closed", { clientBusyShare: [0.95] }))).toEqual([]);
  });

  test("counts when nobody knows how busy the server was", () => {
    const observation = observe("closed", { clientBusyShare: [0.95], serverCpuNs: null });
    expect(judge(observation).verdict).toBe("client-limited");
  });

  test("is no excuse for what else is wrong", () => {
    const change = { clientBusyShare: [0.95], serverCpuNs: null };
    expect(judge(observe("closed", change, { stealShare: 0.2 })).verdict).toBe("invalid");
  });
});

describe("client kept waiting", () => {
  const change = { clientBusyShare: [0.3], clientWaitShare: [0.01, 0.2], serverCpuNs: 200_000_000 };

  test("limits a sample whose generator waited for its CPU while the server was idle", () => {
    const observation = observe("closed", change);
    expect(failed(observation)).toEqual(["client-kept-waiting"]);
    expect(judge(observation).verdict).toBe("client-limited");
  });

  test("says nothing when the server was saturated all the same", () => {
    expect(failed(observe("closed", { ...change, serverCpuNs: 990_000_000 }))).toEqual([]);
  });

  test("passes without a value where the kernel does not count", () => {
    const { checks } = judge(observe("closed", { ...change, clientWaitShare: null }));
    expect(checks.find(({ id }) => id === "client-kept-waiting")).toMatchObject({
      passed: true,
      value: null,
    });
  });
});

test("rate offered fails when more than a hundredth of the schedule was not sent", () => {
  expect(failed(observe("open", { sentInWindow: 39_500 }))).toEqual(["rate-offered"]);
  expect(failed(observe("open", { sentInWindow: 39_700 }))).toEqual([]);
});

test.each([
  ["p50", distribution(50_000, 1_999_000)],
  ["p99", distribution(79_000, 1_700_000)],
])("send lag fails when it makes the latency longer at %s", (percentile, fromSend) => {
  const latency = distribution(80_000, 2_000_000);
  const observation = observe("open", { latency, stages: { fromSend } });
  expect(failed(observation)).toEqual(["send-lag"]);
  expect(reasonOf(judge(observation))).toContain(`at ${percentile}`);
});

test("Little's law fails when requests were in flight that no latency holds", () => {
  expect(failed(observe("closed", { meanInFlight: 8.3 }))).toEqual(["littles-law"]);
});

test("back end proved fails when the server counted no wait", () => {
  const counters = { operations: 100, elapsedNs: 1e6, counts: { waits: 0, events: 200 } } as CountersSeen;
  expect(failed({ ...observe("closed", {}), counters })).toEqual(["back-end-proved"]);
});

test("steal fails above its limit, and where nobody counts it nothing is claimed", () => {
  expect(failed(observe("closed", {}, { stealShare: 0.06 }))).toEqual(["steal"]);
  expect(failed(observe("closed", {}, { stealShare: null }))).toEqual([]);
});

describe("CPU pressure", () => {
  test("fails when tasks waited for a CPU while others took theirs", () => {
    const observation = observe("closed", {}, { cpuPressureShare: 0.7, otherProcessesCpuShare: 0.3 });
    expect(failed(observation)).toEqual(["cpu-pressure"]);
  });

  test.each([
    ["the server's own threads wait for each other", { cpuPressureShare: 0.9, otherProcessesCpuShare: 0.02 }],
    ["others run where a CPU is free", { cpuPressureShare: 0.1, otherProcessesCpuShare: 0.3 }],
    ["nobody knows what others took", { cpuPressureShare: 0.9, otherProcessesCpuShare: null }],
    ["the kernel counts no pressure", { cpuPressureShare: null, otherProcessesCpuShare: 0.3 }],
  ])("passes when %s", (_case, machine) => {
    expect(failed(observe("closed", {}, machine))).toEqual([]);
  });

  test("is null where it was not observed, and says so", () => {
    const { checks } = judge(observe("closed", {}, { cpuPressureShare: null }));
    const check = checks.find(({ id }) => id === "cpu-pressure");
    expect(check).toMatchObject({ value: null });
    expect(check?.message).toContain("was not observed");
  });
});

describe("accept queue", () => {
  test("fails when connections were dropped while accepting was measured", () => {
    const observation = observe("churn", {}, { listenOverflows: 3, listenDrops: 4 });
    expect(failed(observation)).toEqual(["accept-queue"]);
    expect(reasonOf(judge(observation))).toBe(
      "4 connections were dropped before they were accepted, 3 of them by a full accept queue",
    );
  });

  test("is not judged where accepting is not what is measured", () => {
    expect(failed(observe("closed", {}, { listenOverflows: 3, listenDrops: 4 }))).toEqual([]);
  });

  test("is null where the kernel does not count", () => {
    const { checks } = judge(observe("churn", {}, { listenOverflows: null, listenDrops: null }));
    expect(checks.find(({ id }) => id === "accept-queue")).toMatchObject({ value: null, passed: true });
  });
});

test("a machine that the caller watches itself is not judged", () => {
  const names = judge({ ...observe("churn", {}), machine: null }).checks.map(({ id }) => id);
  expect(names).not.toContain("steal");
  expect(names).not.toContain("cpu-pressure");
  expect(names).not.toContain("accept-queue");
});
