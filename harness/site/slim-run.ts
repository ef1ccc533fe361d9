/**
 * A run as pages carry it for what is computed in the browser: enough of each cell to compare it with others, generation by
 * generation, and nothing of what makes a run large. It has the shape of a run, so the harness's own comparisons take it.
 */
import type { Cell, Run } from "../results/run.ts";

export function slimRun(run: Run): Run {
  const { calibration: _, calibrationRemark: __, ...environment } = run.environment;
  const { id, startedAt, finishedAt, plan } = run;
  return {
    ...{ id, startedAt, finishedAt, plan, environment },
    cells: run.cells.map(slimCell),
  } as unknown as Run;
}

function slimCell(cell: Cell): unknown {
  const { id, framework, variant, protocol, scenario, loop, operations, parameters, status, reason } = cell;
  return {
    ...{ id, framework, variant, protocol, scenario, loop, operations, parameters, status, reason },
    summary: cell.summary === null ? null : { validity: { verdict: cell.summary.validity.verdict } },
    samples: cell.samples
      .filter(({ load }) => load !== null)
      .map(({ generation, status: ended, serverCpuNsPerOp, load }) => ({
        ...{ generation, status: ended, serverCpuNsPerOp: rounded(serverCpuNsPerOp) },
        load: {
          ...{ operations: load?.operations, windowSeconds: load?.windowSeconds },
          latency: load?.latency == null ? null : { latencyNs: { p99: load.latency.latencyNs.p99 } },
          ...(load?.search == null ? {} : { search: { capacityPerSecond: load.search.capacityPerSecond } }),
        },
      })),
  };
}

/** To a tenth of a nanosecond, beyond which no clock goes. */
function rounded(ns: number | null): number | null {
  return ns === null ? null : Math.round(ns * 10) / 10;
}

/** JSON that may stand inside a script element, whatever strings it holds. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
