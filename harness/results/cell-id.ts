/** How a cell is called in every run that has it. */
import type { Cell, Run } from "./run.ts";

/** The scenario of small pieces of the code, which have no server. */
export const MICRO = "micro";

/** Whether nothing but such pieces was measured. */
export function isMicro({ cells }: Pick<Run, "cells">): boolean {
  return cells.length > 0 && cells.every(({ scenario }) => scenario === MICRO);
}

/** `framework/variant/protocol/scenario/name=value,...` */
export function cellId(
  cell: Pick<Cell, "framework" | "variant" | "protocol" | "scenario" | "parameters">,
): string {
  const settings = Object.entries(cell.parameters).map(([name, value]) => `${name}=${value}`);
  return [cell.framework, cell.variant, cell.protocol, cell.scenario, settings.join(",")].join("/");
}
