/** The tables of the documents, made from a run alone. */
import { expect, test } from "vitest";
import { BLOCKS } from "../../../scripts/figures/blocks.ts";
import { idleCells, idleRun } from "../../fixtures/idle-cells.ts";
import { fixtureRun } from "../../fixtures/run.ts";

test("the README's table has a row for each server and protocol, and says where it comes from", () => {
  const text = BLOCKS["readme"]?.(fixtureRun(), null) ?? "";
  expect(text).toMatch(/\| tcp \| 2= \| birch\/epoll \| 164,000/);
  expect(text).toMatch(/\| http \| 1 \| cedar-native\/epoll/);
  expect(text).toContain("CPU ratio to acorn");
  expect(text).toContain("5 generations, 1 s of each cell in each, seed 42, run fixture-0001.");
});

test("the table of idle connections comes from a run of the scenario idle", () => {
  const run = idleRun(idleCells("birch/epoll", { 0: 5000, 1000: 5100, 10_000: 5200 }));
  expect(BLOCKS["idle"]?.(run, null)).toContain("| birch/epoll | 5.00 ");
  expect(BLOCKS["readme"]?.(run, null)).toBeNull();
});

test("a run without a server that was named twice says nothing of coverage", () => {
  expect(BLOCKS["coverage"]?.(fixtureRun(), null)).toBeNull();
});

test("a bench in turn and one in isolation are shown beside each other", () => {
  const run = fixtureRun();
  const isolated = { ...run, plan: { ...run.plan, isolated: true } };
  expect(BLOCKS["isolated"]?.(run, isolated)).toMatch(/\| tcp \| birch\/epoll \| 5.21 \| 5.21 \|/);
  expect(BLOCKS["isolated"]?.(run, null)).toBeNull();
});
