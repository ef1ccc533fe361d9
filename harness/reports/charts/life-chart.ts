/** The life of a connection as a bar of its steps, one for each server. */
import type { Step } from "../../connection/connection.ts";
import { STEPS } from "../../connection/explained.ts";
import { duration } from "../../units.ts";
import type { Lived } from "../connection-tables.ts";
import type { Markup } from "../markup.ts";
import { barChart } from "./bars.ts";

export function lifeChart(id: string, lives: readonly Lived[]): Markup {
  const steps = Object.keys(STEPS) as Step[];
  const bars = lives.map(({ server, life }) => ({
    label: server,
    value: duration(life.totalNs),
    // Neighbours differ in shade, so that one ends where the next begins.
    parts: steps.map((step, index) => ({
      length: life.stepsNs[step],
      className: index % 2 === 0 ? "fill c0" : "fill pale c0",
      tooltip: `${step}: ${duration(life.stepsNs[step])}`,
    })),
    ...{ below: null, whisker: null, isLowerBound: false },
  }));
  const title = "The life of a connection, step by step";
  const description = `One bar for each server, left to right: ${steps.join(", ")}. The table beside the chart holds the numbers.`;
  return barChart({ id, title, description, className: "life" }, [{ title: null, bars }]);
}
