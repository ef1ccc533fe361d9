import { describe, expect, test } from "vitest";
import { costRatioTable } from "../../../harness/reports/cost-ratios.ts";
import { groupCells } from "../../../harness/reports/groups.ts";
import type { Cell } from "../../../harness/results/run.ts";
import { fixtureRun } from "../../fixtures/run.ts";

/** The cells of two servers that are both ok, with these costs round by round. */
function texts(baseline: number[], other: number[]): string[][] | undefined {
  const cells = fixtureRun().cells.filter(
    ({ framework, variant, scenario, protocol }) =>
      `${framework}/${variant}` !== "birch/select" &&
      framework === "birch" &&
      variant !== "uring" &&
      scenario === "echo" &&
      protocol === "tcp",
  );
  const [poll, epoll] = cells as [Cell, Cell];
  setCosts(poll, other);
  setCosts(epoll, baseline);
  const [group] = groupCells([poll, epoll]);
  return costRatioTable(group!)?.rows.map((row) =>
    row.map(({ text, detail }) => `${text} ${detail ?? ""}`.trim()),
  );
}

function setCosts(cell: Cell, costs: number[]): void {
  cell.samples = cell.samples.flatMap((sample, index) =>
    costs[index] === undefined ? [] : [{ ...sample, serverCpuNsPerOp: costs[index] }],
  );
  cell.summary!.serverCpuNsPerOp!.value = costs.toSorted((a, b) => a - b)[costs.length >> 1]!;
}

describe("the paired ratios to the baseline", () => {
  test("are taken within a round, so that machine noise cancels out", () => {
    expect(texts([100, 200, 400, 800, 1600], [200, 400, 800, 1600, 3200])).toEqual([
      ["birch/poll", "2.00 [2.00–2.00]", "5"],
    ]);
  });

  test("use only rounds in which both were believed", () => {
    expect(texts([100, 100, 100], [300, 300, 300, 300, 300])).toEqual([
      ["birch/poll", "3.00 [3.00–3.00]", "3"],
    ]);
  });

  test("are left out when there is no server to compare with", () => {
    const [cell] = fixtureRun().cells;
    expect(costRatioTable(groupCells([cell!])[0]!)).toBeNull();
  });
});
