/** A server is held to what it says it waits in. */
import { describe, expect, test } from "vitest";
import type { BackEnd } from "../../../harness/contract.ts";
import type { Cell, CountersSeen, Sample } from "../../../harness/results/run.ts";
import { applyCheck } from "../../../harness/checks/check.ts";
import { applyProof, backEndProved, proveBackEnd } from "../../../harness/checks/back-end.ts";
import { fixtureRun } from "../../fixtures/run.ts";
import { serverNamed, traceEchoes, tracers } from "../run/traced-servers.ts";

const POLL: BackEnd = { waitsIn: ["poll", "ppoll"], besides: [] };

function cell(calls: Record<string, number> | null, backEnd: BackEnd | null = POLL): Cell {
  const trace = { tool: "perf", seconds: 0.15, operations: 1000, operationsError: 1, calls };
  return {
    ...{ backEnd, samples: [], status: "ok", reason: null },
    trace: calls === null ? null : trace,
    traceReason: calls === null ? "No tracer works here." : null,
  } as unknown as Cell;
}

function counters(waits: number | null, events: number | null): CountersSeen {
  return { operations: 100, elapsedNs: 1e6, counts: { waits, events } } as CountersSeen;
}

describe("by the trace", () => {
  test("a server that waits where it says is proved, libuv's own look included", () => {
    expect(proveBackEnd(cell({ ppoll: 0.32, epoll_pwait: 0.01, read: 1 }))?.passed).toBe(true);
  });

  test("one that sleeps in another multiplexer is not", () => {
    expect(proveBackEnd(cell({ epoll_pwait: 0.3, read: 1 }))).toMatchObject({ passed: false, value: 0 });
  });

  test("one that is nested in another multiplexer is not: it waits in both equally often", () => {
    expect(proveBackEnd(cell({ epoll_pwait: 0.3, ppoll: 0.3 }))).toMatchObject({ passed: false, value: 0.5 });
  });

  test("one that never waits is not", () => {
    expect(proveBackEnd(cell({ read: 1, write: 1 }))).toMatchObject({ passed: false, value: null });
  });

  test("a call that it makes for another purpose is no wait", () => {
    const backEnd = { waitsIn: ["epoll_pwait"], besides: ["io_uring_enter"] };
    const proof = proveBackEnd(cell({ epoll_pwait: 0.9, io_uring_enter: 0.9 }, backEnd));
    expect(proof).toMatchObject({ passed: true, value: 1 });
  });

  test("one that promises nothing is not judged", () => {
    expect(proveBackEnd(cell({ epoll_pwait: 1 }, null))).toBeNull();
  });
});

describe("without a trace", () => {
  test("it is said that nothing is proved, and why", () => {
    const message = proveBackEnd(cell(null))?.message;
    expect(message).toContain("is not proved by a trace (No tracer works here.)");
  });

  test("its own counters speak for it", () => {
    const untraced = { ...cell(null), samples: [{ counters: counters(70, 200) } as Sample] };
    expect(proveBackEnd(untraced)).toMatchObject({ passed: true, value: null });
    expect(proveBackEnd(untraced)?.message).toContain("its own counters show 70 waits");
  });
});

describe("by a sample's counters", () => {
  test("waits that brought events pass", () => {
    expect(applyCheck(backEndProved, { counters: counters(70, 200) })).toMatchObject({
      passed: true,
      value: 70,
    });
  });

  test.each([
    [0, 200],
    [70, 0],
  ])("%i waits with %i events do not", (waits, events) => {
    expect(applyCheck(backEndProved, { counters: counters(waits, events) })?.passed).toBe(false);
  });

  test("a server that does not count is not judged", () => {
    expect(applyCheck(backEndProved, { counters: counters(null, null) })).toBeNull();
    expect(applyCheck(backEndProved, { counters: null })).toBeNull();
  });
});

test("a cell whose proof fails is invalid and says what was seen instead", () => {
  const [first] = fixtureRun().cells.filter(({ status, trace }) => status === "ok" && trace !== null);
  const wrong = { ...first, backEnd: POLL } as Cell;
  applyProof(wrong);
  expect(wrong.status).toBe("invalid");
  expect(wrong.reason).toContain("perf saw 0.0 % of the waits in poll, ppoll");
  expect(wrong.summary?.validity.verdict).toBe("invalid");
});

const [working] = tracers.filter(({ tracer }) => tracer !== null);
const REASONS = tracers.map(({ reason }) => reason).join(" ");

describe("a real reactor", () => {
  test.for(["select", "poll", "epoll"])("on %s is proved to wait in it", async (variant, context) => {
    if (!working?.tracer) return context.skip(REASONS);
    const { source, backEnd } = serverNamed("reactor", variant);
    const { trace, reason } = await traceEchoes(source, working.tracer);
    expect(reason).toBeNull();
    expect(proveBackEnd({ backEnd, trace, traceReason: null, samples: [] })?.passed).toBe(true);
  });

  test("that says poll and runs on epoll is caught", async (context) => {
    if (!working?.tracer) return context.skip(REASONS);
    const { source } = serverNamed("reactor", "epoll");
    const { backEnd } = serverNamed("reactor", "poll");
    const { trace, reason } = await traceEchoes(source, working.tracer);
    expect(reason).toBeNull();
    const proof = proveBackEnd({ backEnd, trace, traceReason: null, samples: [] });
    expect(proof?.passed).toBe(false);
    expect(proof?.message).toContain("epoll_pwait");
  });
});
