import { expect, test } from "vitest";
import { contextSwitches, switchesBetween } from "../../../harness/machine/proc.ts";

test("a process's own threads are seen, with their switches", () => {
  const threads = contextSwitches(process.pid);
  expect(threads?.has(String(process.pid))).toBe(true);
});

test("a process that is not there has none", () => {
  expect(contextSwitches(2 ** 30)).toBeNull();
});

test("switches are summed over threads, a new one from zero", () => {
  const first = new Map([["1", 10]]);
  expect(
    switchesBetween(
      first,
      new Map([
        ["1", 15],
        ["2", 4],
      ]),
    ),
  ).toBe(9);
});

test("a thread that ended took its count with it, so the sum was not observed", () => {
  const first = new Map([
    ["1", 10],
    ["2", 900],
  ]);
  expect(switchesBetween(first, new Map([["1", 15]]))).toBeNull();
});
