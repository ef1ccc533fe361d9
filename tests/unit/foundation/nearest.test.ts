import { expect, test } from "vitest";
import { nearest } from "../../../harness/nearest.ts";

test.each([
  ["node-nte", "node-net"],
  ["nodenet", "node-net"],
  ["ecoh", "echo"],
  ["ECHO", "echo"],
  ["latencyy", "latency"],
])("%s is taken for %s", (typed, meant) => {
  expect(nearest(typed, ["node-net", "node-http", "echo", "latency"])).toBe(meant);
});

test("a name that is like none of the candidates has no nearest", () => {
  expect(nearest("something", ["node-net", "echo"])).toBeNull();
});

test("the candidate with the fewest edits wins, whatever the order", () => {
  expect(nearest("epol-et", ["poll-et", "epoll-et"])).toBe("epoll-et");
});

test("there is no nearest among no candidates", () => {
  expect(nearest("echo", [])).toBeNull();
});
