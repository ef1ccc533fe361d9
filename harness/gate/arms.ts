/**
 * The servers of one gate: base and head, the base once more, and the base slowed down. Each is a cell of the bench, so a
 * block is measured exactly as a generation of a bench is.
 */
import { SLOW } from "../project.ts";
import type { BenchOptions, Protocol, Scenario } from "../contract.ts";
import type { ServerSource } from "../children/server/server.ts";
import { Failure } from "../failure.ts";
import { planCells, type PlannedCell } from "../plan/cells.ts";
import type { Pair } from "./record.ts";

/** A server as one of the two sides has it. `slowed` starts it with this environment. */
export interface SideServer {
  /** How both sides name it. */
  name: string;
  protocols: readonly Protocol[];
  source(environment?: Readonly<Record<string, string>>): ServerSource;
}

export type ArmName = "base" | Pair;

/** What is measured together: one server over one protocol, with every workload. */
export interface Unit {
  server: string;
  protocol: Protocol;
  arms: Map<ArmName, PlannedCell[]>;
}

export interface Workloads {
  scenarios: readonly Scenario[];
  protocols: readonly Protocol[] | null;
  usualProtocols: readonly Protocol[] | null;
  options: BenchOptions;
}

/** Throws a Failure when a server is on one side only, or has nothing to be measured. */
export function unitsOf(
  base: readonly SideServer[],
  head: readonly SideServer[],
  workloads: Workloads,
  loopsOf: (unit: string) => number | null,
): Unit[] {
  return base.flatMap((server) => {
    const changed = head.find(({ name }) => name === server.name);
    if (changed === undefined)
      throw new Failure(2, `The head has no server "${server.name}", which the base has.`);
    return protocolsOf(server, workloads).map((protocol) => {
      const key = unitKey({ server: server.name, protocol });
      const slowLoops = loopsOf(key);
      const sources: [ArmName, SideServer, ServerSource][] = [
        ["base", server, server.source()],
        ["head", changed, changed.source()],
        ["base again", server, server.source()],
        ...(slowLoops === null
          ? []
          : [
              ["base slowed", server, server.source(slowedBy(slowLoops))] as [
                ArmName,
                SideServer,
                ServerSource,
              ],
            ]),
      ];
      const arms = sources.map(
        ([arm, side, source]) => [arm, cellsFor(arm, side, source, protocol, workloads)] as const,
      );
      return { server: server.name, protocol, arms: new Map(arms) };
    });
  });
}

export function unitKey({ server, protocol }: Pick<Unit, "server" | "protocol">): string {
  return `${server} over ${protocol}`;
}

/** The environment in which a server goes so many times round an empty loop after each read. */
export function slowedBy(loops: number): Record<string, string> {
  return { LD_PRELOAD: SLOW, READYMARK_SLOW_LOOPS: String(Math.round(loops)) };
}

/** Those of the base; a head that lacks one is told by its cells. */
function protocolsOf(
  { protocols }: SideServer,
  { protocols: wanted, usualProtocols }: Workloads,
): Protocol[] {
  const some = wanted ?? usualProtocols;
  const both = protocols.filter((protocol) => some?.includes(protocol) ?? true);
  if (both.length === 0) throw new Failure(2, `The base speaks ${protocols.join(" and ")} only.`);
  return both;
}

function cellsFor(
  arm: ArmName,
  { protocols }: SideServer,
  source: ServerSource,
  protocol: Protocol,
  { scenarios, options }: Workloads,
): PlannedCell[] {
  const availability = { available: true, version: "" } as const;
  const candidate = { framework: arm, variant: "default", protocols, availability, backEnd: null, source };
  return planCells([candidate], scenarios, { protocols: [protocol], usualProtocols: null }, options);
}
