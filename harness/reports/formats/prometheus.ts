/**
 * The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats), version 0.0.4, for a textfile
 * collector: each figure as a gauge in base units, with the ends of its interval under the label `bound`.
 */
import { serverNode } from "../../results/comparable.ts";
import type { Cell, Run } from "../../results/run.ts";
import { serverName } from "../../results/server-name.ts";
import { settingsText } from "../labels.ts";
import { metricsOf, type Metric } from "../metrics.ts";
import type { Report } from "../report-format.ts";

/** How each unit of a metric is called in a name, and how many of that go into one. */
const UNITS: Readonly<Record<string, { suffix: string; factor: number }>> = {
  ns: { suffix: "_seconds", factor: 1e9 },
  "operations/s": { suffix: "_operations_per_second", factor: 1 },
  calls: { suffix: "", factor: 1 },
};

type Labels = Record<string, string>;

interface Gauge {
  name: string;
  help: string;
  samples: { labels: Labels; value: number }[];
}

function render(run: Run): string {
  const cells = metricsOf(run);
  const verdicts: Gauge = {
    name: "readymark_cell",
    help: "1 for each cell, with how it ended.",
    samples: cells.map(({ cell }) => ({ labels: { ...labelsOf(cell), verdict: verdictOf(cell) }, value: 1 })),
  };
  const figures = cells.flatMap(({ cell, metrics }) => metrics.map((metric) => ({ cell, metric })));
  const gauges = [...Map.groupBy(figures, ({ metric }) => metric.id).values()].map((own): Gauge => {
    const { metric } = own[0] as (typeof own)[number];
    const { suffix, factor } = UNITS[metric.unit] ?? { suffix: `_${metric.unit}`, factor: 1 };
    return {
      name: `readymark_${metric.id.replaceAll("-", "_")}${suffix}`,
      help: `${metric.title}; low and high: ${metric.intervalIs}.`,
      samples: own.flatMap((one) => samplesOf(one.cell, one.metric, factor)),
    };
  });
  return [aboutRun(run), verdicts, ...gauges].map(textOf).join("");
}

function aboutRun({ id, startedAt, environment }: Run): Gauge {
  return {
    name: "readymark_run_info",
    help: "1, with what the run is and where it was made.",
    samples: [
      {
        labels: {
          id,
          started_at: startedAt,
          cpu: environment.cpu.model,
          kernel: environment.kernel,
          node: serverNode(environment) ?? "",
        },
        value: 1,
      },
    ],
  };
}

function labelsOf(cell: Cell): Labels {
  return {
    server: serverName(cell),
    scenario: cell.scenario,
    protocol: cell.protocol,
    settings: settingsText(cell.parameters),
  };
}

function verdictOf({ status, summary }: Cell): string {
  return status === "ok" ? (summary?.validity.verdict ?? status) : status;
}

function samplesOf(cell: Cell, { interval }: Metric, factor: number): Gauge["samples"] {
  const bounds = interval.low === interval.high ? (["value"] as const) : (["low", "value", "high"] as const);
  return bounds.map((bound) => ({
    labels: { ...labelsOf(cell), bound },
    value: interval[bound] / factor,
  }));
}

function textOf({ name, help, samples }: Gauge): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}{${pairs.join(",")}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

/** As the format wants it in the value of a label. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);
}

export default { name: "prometheus", fileName: null, render } satisfies Report;
