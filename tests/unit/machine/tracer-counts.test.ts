/** What the tracers' own reports are read as. */
import { expect, test } from "vitest";
import { countsOf } from "../../../harness/machine/tracers/perf.ts";
import { callsBetween } from "../../../harness/machine/tracers/strace.ts";

const CALLS = [
  ["read", 0],
  ["write", 1],
] as const;

function perfReport(...counts: (number | string)[]): string {
  const lines = counts.map((count) => `${count},,raw_syscalls:sys_enter,6310774,100.00,,`);
  return ["Events disabled", "Events enabled", ...lines, ""].join("\n");
}

test("perf's counters belong to the calls in the order they were asked for", () => {
  expect(countsOf(perfReport(300, 200, 100), CALLS)).toEqual({ read: 200, write: 100 });
});

test("calls that perf did not name are counted together", () => {
  expect(countsOf(perfReport(350, 200, 100), CALLS)).toEqual({ read: 200, write: 100, other: 50 });
});

test("a call that was not made is left out", () => {
  expect(countsOf(perfReport(200, 200, "<not counted>"), CALLS)).toEqual({ read: 200 });
});

test("a report without a total is refused", () => {
  expect(() => countsOf(perfReport("<not counted>", 0, 0), CALLS)).toThrow(/perf counted no system calls/);
});

test("a report that lacks a counter is refused", () => {
  expect(() => countsOf(perfReport(300, 200), CALLS)).toThrow(/perf counted no system calls/);
});

const LOG = `strace: Process 10 attached with 2 threads
[pid  10] 99.900000 read(5, "", 64) = 64
[pid  10] 100.000000 epoll_pwait(3,  <unfinished ...>
[pid  11] 100.100000 read(6, ""..., 64) = 64
[pid  10] 100.200000 <... epoll_pwait resumed>[], 8, -1, NULL, 8) = 1
[pid  11] 100.300000 read(6, ""..., 64) = 64
12345 is no call
[pid  10] 100.500000 write(5, ""..., 64) = 64
`;

test("strace's lines count once, when the call begins, inside the window only", () => {
  expect(callsBetween(LOG, 100, 100.5)).toEqual({ epoll_pwait: 1, read: 2 });
});

test("the line of a process without threads counts too", () => {
  expect(callsBetween('100.2 write(5, "", 64) = 64\n', 100, 101)).toEqual({ write: 1 });
});

test("a window without calls is refused", () => {
  expect(() => callsBetween(LOG, 200, 201)).toThrow(/no system calls/);
});
