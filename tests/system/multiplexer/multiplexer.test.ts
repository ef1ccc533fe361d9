/** One suite over every back end; the cases are in native/multiplexer/test. */
import { expect, test } from "vitest";
import { describeNativeCases, listNativeCases } from "../native-program.ts";

const cases = await listNativeCases("multiplexer_test");

test("every back end is under test", () => {
  expect(cases.map(({ group }) => group)).toEqual(
    expect.arrayContaining(["select", "select-unbounded", "poll", "epoll", "epoll-et", "uring-poll"]),
  );
});

describeNativeCases("multiplexer_test", cases, 1);
