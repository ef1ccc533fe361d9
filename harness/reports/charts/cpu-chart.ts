/** CPU time per operation: the server's, split into user and system where that is known, and the generator's below. */
import type { Estimate } from "../../results/run.ts";
import type { Group, Numbers } from "../groups.ts";
import type { Markup } from "../markup.ts";
import { duration, percentage } from "../../units.ts";
import { type Bar, type BarPart, barChart } from "./bars.ts";
import { type Looks, lookOf } from "./series.ts";

/** Null when no server of the group has one. */
export function cpuChart(id: string, group: Group, name: string, looks: Looks): Markup | null {
  const bars = group.rows
    .flatMap(({ label, numbers }) =>
      numbers?.serverCpuNs ? [{ label, numbers, server: numbers.serverCpuNs }] : [],
    )
    .toSorted((left, right) => left.server.value - right.server.value)
    .map(({ label, numbers, server }) => bar(label, numbers, server, lookOf(looks, label).colour));
  if (bars.length === 0) return null;
  const title = `CPU time per operation, ${name}`;
  const description =
    "One bar for each server, cheapest first: user mode in full colour, system mode paler, only an outline where the split is not known. " +
    "The thin grey bar below is the load generator's CPU time. The table above holds the same numbers.";
  return barChart({ id, title, description, className: "cpu" }, [{ title: null, bars }]);
}

function bar(label: string, { userShare, clientCpuNs }: Numbers, server: Estimate, colour: string): Bar {
  const clientNs = clientCpuNs?.value ?? null;
  return {
    label,
    value: duration(server.value),
    parts: serverParts(label, server.value, userShare, colour),
    below:
      clientNs === null
        ? null
        : { length: clientNs, className: "fill generator", tooltip: `load generator: ${duration(clientNs)}` },
    whisker: { low: server.low, high: server.high },
    isLowerBound: false,
  };
}

function serverParts(label: string, serverNs: number, userShare: number | null, colour: string): BarPart[] {
  const total = `${label}: ${duration(serverNs)}`;
  if (userShare === null) return [{ length: serverNs, className: `outline ${colour}`, tooltip: total }];
  return [
    {
      length: serverNs * userShare,
      className: `fill ${colour}`,
      tooltip: `${total}, ${percentage(userShare)} of it user mode`,
    },
    {
      length: serverNs * (1 - userShare),
      className: `fill pale ${colour}`,
      tooltip: `${total}, ${percentage(1 - userShare)} of it system mode`,
    },
  ];
}
