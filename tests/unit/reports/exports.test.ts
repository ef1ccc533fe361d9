/** What other tools get of a run: figures with their intervals, in the form that each of them reads. */
import { describe, expect, test } from "vitest";
import bencher from "../../../harness/reports/formats/bencher.ts";
import githubActionBenchmark from "../../../harness/reports/formats/github-action-benchmark.ts";
import prometheus from "../../../harness/reports/formats/prometheus.ts";
import { cellTitle } from "../../../harness/reports/labels.ts";
import { metricsOf } from "../../../harness/reports/metrics.ts";
import type { Cell, Run } from "../../../harness/results/run.ts";
import { summarise } from "../../../harness/results/summary.ts";
import { fixtureRun } from "../../fixtures/run.ts";

function cellWhere(run: Run, isIt: (cell: Cell) => boolean): Cell {
  const found = run.cells.find(isIt);
  if (found === undefined) throw new Error("The made-up run has no such cell.");
  return found;
}

const run = fixtureRun();
const good = cellWhere(run, ({ framework, protocol }) => framework === "acorn" && protocol === "tcp");

describe("metrics", () => {
  test("are those of the cell's summary", () => {
    const found = metricsOf(run).find(({ cell }) => cell === good)?.metrics ?? [];
    expect(found.find(({ id }) => id === "server-cpu")?.interval.value).toBe(
      good.summary?.serverCpuNsPerOp?.value,
    );
  });

  test.each(["failed", "invalid", "unavailable"])("of a cell that is %s are none", (status) => {
    const cell = cellWhere(run, (one) => one.status === status);
    expect(metricsOf(run).find((one) => one.cell === cell)?.metrics).toEqual([]);
  });

  test("have no throughput where it is a lower bound", () => {
    const limited = metricsOf(run).filter(
      ({ cell }) => cell.status === "ok" && cell.summary?.validity.verdict === "client-limited",
    );
    expect(limited).not.toEqual([]);
    for (const { metrics } of limited) expect(metrics.map(({ id }) => id)).not.toContain("throughput");
  });
});

describe("bencher", () => {
  const benchmarks = JSON.parse(bencher.render(run)) as Record<
    string,
    Record<string, { value: number; lower_value?: number; upper_value?: number }>
  >;

  test("has a benchmark for each cell with figures", () => {
    const withFigures = metricsOf(run).filter(({ metrics }) => metrics.length > 0);
    expect(Object.keys(benchmarks)).toEqual(withFigures.map(({ cell }) => cellTitle(cell)));
  });

  test("has every value between the ends of its interval", () => {
    const all = Object.values(benchmarks).flatMap((measures) => Object.values(measures));
    const whole = all.filter(({ lower_value: low }) => low !== undefined);
    expect(whole).not.toEqual([]);
    for (const { value, lower_value: low, upper_value: high } of whole) {
      expect(low).toBeLessThan(value);
      expect(value).toBeLessThan(high ?? value);
    }
  });

  test("has no ends where one generation showed no spread", () => {
    const single = structuredClone(run);
    for (const cell of single.cells) {
      cell.samples = cell.samples.slice(0, 1);
      cell.summary = summarise(cell.samples, cell.operations);
    }
    expect(bencher.render(single)).not.toContain("lower_value");
  });
});

describe("github-action-benchmark", () => {
  const entries = JSON.parse(githubActionBenchmark.render(run)) as { name: string; unit: string }[];

  test("has no two entries of one name", () => {
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });

  test("has nothing of which more is better", () => {
    expect(entries.map(({ unit }) => unit)).not.toContain("operations/s");
  });
});

describe("prometheus", () => {
  /** A line is a comment, or a name with quoted labels and a number. */
  const LINE = /^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+\{([a-z_]+="([^"\\]|\\[\\"n])*",?)+\} [-+.e\d]+)$/;

  test("has only lines of the format, whatever a server is called", () => {
    const hostile = fixtureRun();
    for (const cell of hostile.cells) if (cell.framework === "acorn") cell.framework = 'x"} 1\n\\y';
    const wrong = prometheus
      .render(hostile)
      .trimEnd()
      .split("\n")
      .filter((line) => !LINE.test(line));
    expect(wrong).toEqual([]);
  });

  test("is in seconds", () => {
    const [, text] =
      /^readymark_server_cpu_seconds\{server="acorn",scenario="echo",protocol="tcp",.*bound="value"\} (.*)$/m.exec(
        prometheus.render(run),
      ) ?? [];
    expect(Number(text)).toBeCloseTo((good.summary?.serverCpuNsPerOp?.value ?? 0) / 1e9, 12);
  });

  test("names each metric in one place", () => {
    const names = [...prometheus.render(run).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
