/** Counted system calls: what differs by more than the base does from itself. */
import { expect, test } from "vitest";
import { differenceOf, moreCallsText } from "../../../harness/gate/system-calls.ts";

const counted = (calls: Record<string, number>, operationsError = 5) => ({
  ...{ calls, operations: 5000, operationsError },
});
const BASE = { epoll_wait: 1, read: 1, write: 1 };

test("a call that the head adds is named with how often it is made", () => {
  const { more, fewer } = differenceOf(counted(BASE), counted({ ...BASE, getppid: 1 }), counted(BASE));
  expect(more).toEqual({ getppid: 1 });
  expect(fewer).toEqual({});
});

test("a call that the head makes twice is named with the difference", () => {
  const { more } = differenceOf(counted(BASE), counted({ ...BASE, read: 2 }), counted(BASE));
  expect(more).toEqual({ read: expect.closeTo(1) });
});

test("a call that the head saves is fewer", () => {
  const { more, fewer } = differenceOf(
    counted({ ...BASE, read: 2 }),
    counted(BASE),
    counted({ ...BASE, read: 2 }),
  );
  expect(fewer).toEqual({ read: expect.closeTo(1) });
  expect(more).toEqual({});
});

test("what a timer makes now and then is no difference", () => {
  const { more } = differenceOf(counted(BASE), counted({ ...BASE, futex: 0.04 }), counted(BASE));
  expect(more).toEqual({});
});

test("what the base itself does at one time and not at another is no difference", () => {
  const { more } = differenceOf(
    counted(BASE),
    counted({ ...BASE, epoll_wait: 1.4 }),
    counted({ ...BASE, epoll_wait: 1.3 }),
  );
  expect(more).toEqual({});
});

test("a window in which few operations were counted says less", () => {
  const { more } = differenceOf(
    counted(BASE, 1500),
    counted({ ...BASE, read: 1.5 }, 1500),
    counted(BASE, 1500),
  );
  expect(more).toEqual({});
});

test("heads that make more are named in a sentence, and those that make fewer are not", () => {
  const cell = { server: "a", protocol: "tcp", scenario: "echo", base: {}, head: {} } as const;
  expect(moreCallsText({ systemCalls: [{ ...cell, more: {}, fewer: { read: 1 } }] })).toBeNull();
  expect(moreCallsText({ systemCalls: [{ ...cell, more: { getppid: 1 }, fewer: {} }] })).toBe(
    "The head makes more system calls for each operation: 1.00 more of getppid in a, echo over tcp.",
  );
});
