/** The options of `readymark gate`, joined with its configuration file: the command line wins. */
import type { Protocol } from "../harness/contract.ts";
import { Failure } from "../harness/failure.ts";
import type { GateConfig } from "../harness/gate/config.ts";
import { USUAL_MARGINS } from "../harness/gate/endpoints.ts";
import type { GateRequest } from "../harness/gate/request.ts";
import type { WhatIsCompared } from "../harness/gate/sides.ts";
import { selectProtocols } from "../harness/plan/selection.ts";
import { SYSTEM_CALL_POLICIES } from "../harness/results/gate.ts";
import { unknownName } from "../harness/unknown-name.ts";
import { listOption, seconds, wholeNumber, wholeNumbers, type parseOptions } from "./arguments.ts";

export const GATE_OPTIONS = {
  base: { type: "string" },
  head: { type: "string" },
  "base-command": { type: "string" },
  "head-command": { type: "string" },
  config: { type: "string" },
  frameworks: { type: "string" },
  scenarios: { type: "string" },
  protocols: { type: "string" },
  connections: { type: "string" },
  "min-effect": { type: "string" },
  "max-blocks": { type: "string" },
  "max-minutes": { type: "string" },
  duration: { type: "string" },
  warmup: { type: "string" },
  "system-calls": { type: "string" },
  seed: { type: "string" },
  format: { type: "string", default: "terminal" },
  out: { type: "string" },
} as const;

export type GateValues = ReturnType<typeof parseOptions<typeof GATE_OPTIONS>>["values"];

/** Throws a Failure when there are not two sides of one kind. */
export function whatIsCompared(values: GateValues, config: GateConfig): WhatIsCompared {
  const { "base-command": baseCommand, "head-command": headCommand } = values;
  if (baseCommand !== undefined || headCommand !== undefined) {
    if (values.base !== undefined || values.head !== undefined)
      throw new Failure(
        2,
        "--base and --head, or --base-command and --head-command: the gate compares one kind at a time.",
      );
    if (values.frameworks !== undefined)
      throw new Failure(2, "--frameworks names servers of checkouts; leave it out with --base-command.");
    if (baseCommand === undefined || headCommand === undefined) throw missingSide();
    return { baseCommand, headCommand };
  }
  const [base, head] = [values.base ?? config.base, values.head ?? config.head];
  if (base === undefined || head === undefined) throw missingSide();
  const frameworks = listOption(values.frameworks, "--frameworks") ?? config.frameworks ?? null;
  const targets = values.frameworks === undefined ? (config.targets ?? null) : null;
  return { base, head, targets, frameworks };
}

function missingSide(): Failure {
  return new Failure(
    2,
    "gate needs both sides: --base X --head Y, or --base-command CMD --head-command CMD.",
  );
}

/** Only what is named somewhere; the gate chooses the rest. */
export function requestOf(values: GateValues, config: GateConfig): GateRequest {
  const { "max-blocks": blocks, "max-minutes": minutes } = values;
  return withoutUndefined({
    scenarios: listOption(values.scenarios, "--scenarios") ?? config.scenarios,
    protocols: protocolsOf(values) ?? config.protocols,
    connections:
      wholeNumbers(values.connections, "--connections", { least: 1, most: 1e6 }) ?? config.connections,
    margins: marginsOf(values, config),
    mostBlocks:
      blocks === undefined
        ? config.budget?.blocks
        : wholeNumber(blocks, "--max-blocks", { least: 8, most: 1000 }),
    mostMinutes:
      minutes === undefined
        ? config.budget?.minutes
        : wholeNumber(minutes, "--max-minutes", { least: 1, most: 24 * 60 }),
    durationSeconds:
      values.duration === undefined ? config.durationSeconds : seconds(values.duration, "--duration"),
    warmupSeconds: values.warmup === undefined ? config.warmupSeconds : seconds(values.warmup, "--warmup"),
    systemCalls: systemCallsOf(values) ?? config.systemCalls,
    seed: values.seed === undefined ? undefined : wholeNumber(values.seed, "--seed", { least: 0, most: 1e9 }),
  });
}

function protocolsOf({ protocols }: GateValues): Protocol[] | null {
  return selectProtocols(listOption(protocols, "--protocols"));
}

function systemCallsOf({ "system-calls": wanted }: GateValues): GateRequest["systemCalls"] {
  if (wanted === undefined) return undefined;
  const found = SYSTEM_CALL_POLICIES.find((policy) => policy === wanted);
  if (found === undefined) throw unknownName("policy for system calls", wanted, SYSTEM_CALL_POLICIES);
  return found;
}

/** What is ignorable keeps its usual share of what must be caught. */
function marginsOf({ "min-effect": percent }: GateValues, config: GateConfig): GateRequest["margins"] {
  if (percent === undefined) return config.margins;
  const mustCatch = Number(percent) / 100;
  if (!(mustCatch > 0 && mustCatch < 1))
    throw new Failure(2, `--min-effect takes a percentage between 0 and 100, not "${percent}".`);
  const { ignorable, mustCatch: usual } = USUAL_MARGINS["server-cpu"];
  const margins = { ignorable: (mustCatch * ignorable) / usual, mustCatch };
  return { ...config.margins, "server-cpu": margins, "time-per-operation": margins };
}

function withoutUndefined(request: {
  [Key in keyof GateRequest]: GateRequest[Key] | undefined;
}): GateRequest {
  return Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined),
  ) as GateRequest;
}
