/** The cells of a run: every selected server with every protocol and scenario, and what does not exist said as such. */
import { objectiveOf } from "../results/objective.ts";
import type { BenchOptions, Parameters, Protocol, Scenario } from "../contract.ts";
import type { Availability, BackEnd } from "../contract.ts";
import { Failure } from "../failure.ts";
import { cellId } from "../results/cell-id.ts";
import type { Cell } from "../results/run.ts";
import type { ServerSource } from "../children/server/server.ts";
import type { CompleteRequest } from "./request.ts";

/** A server that can be put into cells: a framework's variant, or an external command or address. */
export interface Candidate {
  framework: string;
  variant: string;
  protocols: readonly Protocol[];
  availability: Availability;
  /** What it says it waits in; null when it says nothing. */
  backEnd: BackEnd | null;
  source: ServerSource;
}

/** A cell of a server, which always has a protocol. */
export type ServerCell = Cell & { protocol: Protocol };

export function isServerCell(cell: Cell): cell is ServerCell {
  return cell.protocol !== "none";
}

/** A cell together with what it takes to measure it. */
export interface PlannedCell {
  cell: ServerCell;
  scenario: Scenario;
  source: ServerSource;
  /** Seconds after which the same server had settled under the same workload elsewhere; null for each time it had not. */
  settledElsewhere?: readonly (number | null)[];
}

export function planCells(
  candidates: readonly Candidate[],
  scenarios: readonly Scenario[],
  { protocols, usualProtocols }: Pick<CompleteRequest, "protocols" | "usualProtocols">,
  options: BenchOptions,
): PlannedCell[] {
  const planned = candidates.flatMap((candidate) =>
    (protocols ?? usualOf(candidate, usualProtocols)).flatMap((protocol) =>
      scenarios
        .filter((scenario) => protocols !== null || isUsual(scenario, protocol, candidate, options))
        .flatMap((scenario) =>
          scenario.parameters(options).map((parameters) => ({
            cell: newCell(candidate, protocol, scenario, parameters),
            scenario,
            source: candidate.source,
          })),
        ),
    ),
  );
  if (planned.length > 0 && planned.every(({ cell }) => cell.status === "unavailable")) {
    const reasons = [
      ...new Set(planned.map(({ cell }) => `${cell.framework}/${cell.variant}: ${cell.reason}`)),
    ];
    throw new Failure(2, `Nothing of this selection can be measured. ${reasons.join(" ")}`);
  }
  if (planned.length === 0) throw new Failure(2, "The selection is empty; --list shows what there is.");
  const { objective } = options;
  if (objective !== null && planned.every(({ cell }) => objectiveOf(cell.parameters) === null)) {
    const names = [...new Set(planned.map(({ cell }) => cell.scenario))].join(", ");
    throw new Failure(
      2,
      `--slo is for the scenario latency, and this bench has only ${names}; add: --scenarios latency`,
    );
  }
  return planned;
}

/** A server that has none of the usual protocols is measured over those that it has. */
function usualOf({ protocols }: Candidate, usual: readonly Protocol[] | null): readonly Protocol[] {
  const both = protocols.filter((protocol) => usual?.includes(protocol));
  return usual === null || both.length === 0 ? protocols : both;
}

/** Whether a bench takes this protocol although the user has not named it; a server with no usual one has all of its. */
function isUsual(
  scenario: Scenario,
  protocol: Protocol,
  { protocols: spoken }: Candidate,
  { effort }: BenchOptions,
): boolean {
  const usual = scenario.usualProtocols?.filter((one) => spoken.includes(one)) ?? [];
  return suits(scenario, protocol) && (effort === "full" || usual.length === 0 || usual.includes(protocol));
}

function suits({ protocols }: Scenario, protocol: Protocol): boolean {
  return protocols === undefined || protocols.includes(protocol);
}

function newCell(
  { framework, variant, protocols, availability, backEnd }: Candidate,
  protocol: Protocol,
  scenario: Scenario,
  parameters: Parameters,
): ServerCell {
  const obstacle = obstacleFor(protocol, protocols, scenario, availability);
  const identity = { framework, variant, protocol, scenario: scenario.name, parameters };
  return {
    id: cellId(identity),
    ...identity,
    loop: scenario.loop,
    operations: scenario.operations,
    status: obstacle === null ? "pending" : "unavailable",
    reason: obstacle,
    serverStderr: [],
    version: availability.available ? availability.version : null,
    conformance: null,
    samples: [],
    otherEngines: [],
    backEnd,
    trace: null,
    traceReason: null,
    summary: null,
  };
}

/** Whether load generators that only send the same POST over and over, one at a time, can measure the cell, too. */
export function canHaveOtherEngines({ protocol, loop, parameters }: Cell): boolean {
  const { connections: _connections, payloadBytes: _payload, pipeline, ...others } = parameters;
  return protocol === "http" && loop === "closed" && pipeline === 1 && Object.keys(others).length === 0;
}

/** Why the cell cannot be measured, for a user who asked for it; null when it can. */
function obstacleFor(
  protocol: Protocol,
  spoken: readonly Protocol[],
  scenario: Scenario,
  availability: Availability,
): string | null {
  if (!spoken.includes(protocol)) return `It has no ${protocol}; it speaks ${spoken.join(" and ")}.`;
  if (!suits(scenario, protocol)) {
    return `The scenario ${scenario.name} is measured over ${scenario.protocols?.join(" and ")} only.`;
  }
  return availability.available ? null : availability.reason;
}
