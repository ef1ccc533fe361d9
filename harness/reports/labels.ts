/** Names from the result as a reader would write them. New scenarios and stages need no entry here. */
import type { Loop, Parameters } from "../contract.ts";
import type { Cell } from "../results/run.ts";
import { serverName } from "../results/server-name.ts";
import { whole } from "../units.ts";

/** What a number of this loop means; it stands with every table, because the loops must never be compared. */
export const LOOP_NOTES: Record<Loop, string> = {
  closed:
    "Closed loop: every connection waits for its answer, so throughput is capacity and latency is service time.",
  open: "Open loop: requests fall due on a fixed schedule, and latency runs from the intended send time.",
  churn: "Churn: every operation has a connection of its own, and latency runs from connect to closed.",
};

/** The same for a search under a latency objective. */
export const CAPACITY_NOTE =
  "Open loop at the highest offered rate that met the objective, found by a search; latency runs from the intended send " +
  "time and is that at this rate.";

/** The same for small pieces of the code. */
export const MICRO_NOTE = "One call after the other, without a server and without a load generator.";

/** Whether a cell's throughput is only a lower bound, because the generator could do no more. */
export function isClientLimited(cell: Cell): boolean {
  return cell.status === "ok" && cell.summary?.validity.verdict === "client-limited";
}

/** Whether its servers were still becoming faster while they were measured. */
export function isNotSteady(cell: Cell): boolean {
  return cell.status === "ok" && cell.summary?.validity.verdict === "not-steady";
}

/** A cell in one line, the same in every run: "node-net: echo over tcp, connections 64". */
export function cellTitle(cell: Cell): string {
  const settings = settingsText(cell.parameters);
  return `${serverName(cell)}: ${workloadText(cell)}${settings === "" ? "" : `, ${settings}`}`;
}

/** "echo over tcp"; what has no connection is over nothing. */
export function workloadText({ scenario, protocol }: Pick<Cell, "scenario" | "protocol">): string {
  return protocol === "none" ? scenario : `${scenario} over ${protocol}`;
}

/** The settings of a cell in words: `payloadBytes: 64` becomes "payload 64 B". */
export function settingsText(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      const text = typeof value === "number" ? whole(value) : value;
      if (name.endsWith("Bytes")) return `${spaced(name.slice(0, -"Bytes".length))} ${text} B`;
      if (name.endsWith("PerSecond")) return `${spaced(name.slice(0, -"PerSecond".length))} ${text}/s`;
      return `${spaced(name)} ${text}`;
    })
    .join(", ");
}

/** `firstByte` becomes "first byte". */
export function spaced(name: string): string {
  return name.replaceAll(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}
