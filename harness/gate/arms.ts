/**
 * The servers of one gate: base and head, the base once more, and the base slowed down. Each is a cell of the bench, so a
 * block is measured exactly as a generation of a bench is.
 */
import type { BenchOptions, Protocol, Scenario } from "../contract.ts";
import type { ServerSource } from "../children/server/server.ts";
import { Failure } from "../failure.ts";
import { planCells, type PlannedCell } from "../plan/cells.ts";
import type { Pair, Slowdown } from "../results/gate.ts";
import { environmentOf } from "./preload.ts";

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

/** Both sides, and what they are measured with. */
export interface GateSides {
  base: readonly SideServer[];
  head: readonly SideServer[];
  workloads: Workloads;
}

/** Throws a Failure when a server is on one side only, or has nothing to be measured. */
export function unitsOf(
  { base, head, workloads }: GateSides,
  slowdownOf: (unit: string) => Slowdown | null,
): Unit[] {
  return base.flatMap((server) => {
    const changed = head.find(({ name }) => name === server.name);
    if (changed === undefined)
      throw new Failure(2, `The head has no server "${server.name}", which the base has.`);
    return protocolsOf(server, workloads).map((protocol) => {
      const slowdown = slowdownOf(unitKey({ server: server.name, protocol }));
      const arms = new Map<ArmName, PlannedCell[]>();
      const add = (arm: ArmName, side: SideServer, source: ServerSource): void => {
        arms.set(arm, cellsFor(arm, side, source, protocol, workloads));
      };
      add("base", server, server.source());
      add("head", changed, changed.source());
      add("base again", server, server.source());
      if (slowdown !== null) add("base slowed", server, server.source(environmentOf(slowdown)));
      return { server: server.name, protocol, arms };
    });
  });
}

export function unitKey({ server, protocol }: Pick<Unit, "server" | "protocol">): string {
  return `${server} over ${protocol}`;
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
