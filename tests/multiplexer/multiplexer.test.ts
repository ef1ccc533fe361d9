/** One suite over every back end; the cases are in native/multiplexer/test. */
import { describe, expect, test } from "vitest";

import { listNativeCases, runNative } from "./suite.ts";

const cases = listNativeCases();
const kinds = [...new Set(cases.map(({ kind }) => kind))];

test("every back end is under test", () => {
  expect(kinds).toEqual(
    expect.arrayContaining(["select", "select-unbounded", "poll", "epoll", "epoll-et", "uring-poll"]),
  );
});

describe.each(kinds)("%s", (kind) => {
  test.for(cases.filter((one) => one.kind === kind))("$name", ({ name, obstacle }, context) => {
    if (obstacle !== null) context.skip(obstacle);
    const { status, stderr } = runNative(kind, name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

test("a case that does not exist is refused in words", () => {
  const { status, stderr } = runNative("poll", "no such case");
  expect(status).toBe(2);
  expect(stderr).toContain("There is no case 'no such case' of 'poll'; --list names them all.");
});
