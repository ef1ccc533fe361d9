/** Operations per second with intervals, all protocols of a scenario on one scale from zero. */
import type { Numbers } from "../groups.ts";
import type { Markup } from "../markup.ts";
import type { ScenarioPart } from "../model.ts";
import { compact, withInterval } from "../../units.ts";
import { type Bar, barChart } from "./bars.ts";
import { type Looks, lookOf } from "./series.ts";

/** Null when no cell has a number, or every load is offered at a fixed rate: throughput is then what was asked for. */
export function throughputChart(id: string, part: ScenarioPart, looks: Looks): Markup | null {
  if (part.loop === "open" && part.groups.every(({ objective }) => objective === null)) return null;
  const groups = part.groups
    .map(({ protocol, settings, rows }) => ({
      title: part.groups.length === 1 ? null : groupTitle(protocol, settings, part),
      bars: rows.flatMap(({ label, numbers }) => (numbers === null ? [] : [bar(label, numbers, looks)])),
    }))
    .filter(({ bars }) => bars.length > 0);
  if (groups.length === 0) return null;
  const title = `${part.operations} per second, ${part.scenario}`;
  const description =
    `Bars start at zero and end at the mean over generations; the line across a bar's end is its 95 % interval. ` +
    `The tables below hold the same numbers.`;
  return barChart({ id, title, description, className: "throughput" }, groups);
}

/** The protocol and what sets this group apart; what all groups have in common would only make it long. */
function groupTitle(protocol: string, settings: string, part: ScenarioPart): string {
  const all = part.groups.map((group) => new Set(group.settings.split(", ")));
  const own = settings.split(", ").filter((setting) => !all.every((others) => others.has(setting)));
  return own.length === 0 ? protocol : `${protocol}: ${own.join(", ")}`;
}

function bar(label: string, { throughput, isLowerBound }: Numbers, looks: Looks): Bar {
  const { value, low, high, unit } = throughput;
  const text = isLowerBound ? `≥ ${compact(value)}` : withInterval(value, low, high, compact);
  return {
    label,
    value: text,
    parts: [
      {
        length: value,
        className: `fill ${lookOf(looks, label).colour}`,
        tooltip: `${label}: ${text} ${unit}`,
      },
    ],
    below: null,
    whisker: isLowerBound || low === high ? null : { low, high },
    isLowerBound,
  };
}
