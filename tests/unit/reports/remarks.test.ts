/** What a report says of how its numbers came about. */
import { expect, test } from "vitest";
import { remarks } from "../../../harness/reports/remarks.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const text = (change: (cells: ReturnType<typeof fixtureRun>["cells"]) => void = () => undefined): string => {
  const { cells } = fixtureRun();
  change(cells);
  return remarks(cells).join("\n");
};

test("the cycles that were left out are counted by reason, and that nobody looked at their results is said", () => {
  expect(text()).toMatch(
    /\d+ of [\d,]+ slices lie in cycles that are left out.* without a look at results: the hypervisor took … % of the CPU time \(\d+\)\./,
  );
});

test("the samples that were left out are counted by the check that they failed", () => {
  expect(text()).toContain("samples broke a limit fixed in advance (integrity 3)");
});

test("a server that was measured alone is named with the reason", () => {
  expect(text()).toContain("Measured alone: fir over tcp, fir over http. It took 12.0 % of a CPU");
});

test("a stall of a server's own is named with its length and what the server did", () => {
  expect(text()).toContain("dogwood, latency over tcp: 5 stalls of 290 ms, on CPU.");
});

test("stalls of different lengths are named by the shortest and the longest", () => {
  const said = text((cells) => {
    const samples = cells.find(
      ({ framework, scenario }) => framework === "acorn" && scenario === "latency",
    )?.samples;
    Object.assign(samples?.[0] ?? {}, {
      stalls: [
        { seconds: 0.06, cause: "asleep" },
        { seconds: 0.2, cause: "asleep" },
      ],
    });
  });
  expect(said).toContain("acorn, latency over tcp: 2 stalls of 60 to 200 ms, asleep.");
});

test("a server whose CPU time is not known is named with what that can come from", () => {
  const said = text((cells) => {
    const cell = cells.find(({ framework, scenario }) => framework === "dogwood" && scenario === "latency");
    Object.assign(cell?.samples.find(({ status }) => status === "ok") ?? {}, { serverCpuNsPerOp: null });
  });
  expect(said).toMatch(
    /Server CPU is not known of .*dogwood over tcp \(1 of \d+ samples\): processes of the server came/,
  );
});

test("nothing is said of a run in which nothing was left out", () => {
  const clean = text((cells) => {
    for (const cell of cells)
      for (const sample of cell.samples)
        Object.assign(sample, {
          status: "ok",
          cyclesLeftOut: {},
          stalls: [],
          measuredAlone: null,
          serverCpuNsPerOp: 1000,
        });
  });
  expect(clean).toBe("");
});
