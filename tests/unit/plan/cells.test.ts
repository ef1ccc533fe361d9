/** Which cells a bench has. */
import { expect, test } from "vitest";
import type { BenchOptions, Protocol, Scenario } from "../../../harness/contract.ts";
import { planCells, type Candidate } from "../../../harness/plan/cells.ts";

const CANDIDATE = {
  framework: "acorn",
  variant: "default",
  protocols: ["tcp", "http", "ws"],
  availability: { available: true, version: "1" },
  backEnd: null,
} as unknown as Candidate;
const ACCEPT = {
  name: "accept",
  usualProtocols: ["tcp", "http"],
  parameters: () => [{}],
} as unknown as Scenario;

function planned(
  protocols: readonly Protocol[] | null,
  effort: BenchOptions["effort"],
  candidate = CANDIDATE,
): Protocol[] {
  const options = { effort, objective: null } as BenchOptions;
  return planCells([candidate], [ACCEPT], { protocols, usualProtocols: null }, options).map(
    ({ cell }) => cell.protocol,
  );
}

test("a scenario is measured over its usual protocols when none is named", () => {
  expect(planned(null, "default")).toEqual(["tcp", "http"]);
});

test("a scenario is measured over a protocol that is named, usual or not", () => {
  expect(planned(["ws"], "default")).toEqual(["ws"]);
});

test("a server that has none of the usual protocols is measured over its own", () => {
  expect(planned(null, "default", { ...CANDIDATE, protocols: ["ws"] })).toEqual(["ws"]);
});

test("a full bench measures a scenario over every protocol", () => {
  expect(planned(null, "full")).toEqual(["tcp", "http", "ws"]);
});
