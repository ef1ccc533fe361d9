/** The record of one trial of the gate, a whole gate whose right verdict is known: a line of `trials.jsonl`. */
import { Type } from "typebox";
import {
  type Static,
  count,
  define,
  listOf,
  mapOf,
  number,
  oneOf,
  orNull,
  text,
  the,
  timestamp,
} from "./define.ts";
import { GATE_SCHEMA, gateCell, gateMargins, slowdown, VERDICTS } from "./gate.ts";

export const TRIAL_SCHEMA = "readymark/gate-trial@1";

export const trial = define(
  "trial",
  "One trial of the gate: a head whose slowdown is known, and what the gate said of it.",
  {
    schema: Type.Literal(TRIAL_SCHEMA, { type: "string", description: "The version of this format." }),
    gate: Type.Literal(GATE_SCHEMA, { type: "string", description: "The version of the gate's own format." }),
    kind: text("What was done to the head, by the name of its kind of trial."),
    injected: the(slowdown, "What was added to each read of the head."),
    startedAt: timestamp("When it started."),
    finishedAt: timestamp("When it finished."),
    machine: text("CPU, number of CPUs, kernel and Node.js, in words."),
    commit: orNull(
      text("The commit that was measured, with a + when files were changed; null when git did not know."),
    ),
    seed: count("Seed of the order of everything."),
    margins: mapOf(the(gateMargins), "By endpoint."),
    mostBlocks: count("Blocks at most."),
    blocks: count("Blocks that count."),
    rejected: listOf(text(), "Why each other block was rejected."),
    slowdowns: mapOf(the(slowdown), "What slowed the base of the positive control."),
    moreCalls: mapOf(number(), "System calls that the head surely made more often, for each operation."),
    cells: listOf(the(gateCell), "What was compared, block by block."),
    verdict: oneOf(VERDICTS, "The verdict."),
    reason: text("The reason of the verdict."),
  },
);
export interface Trial extends Static<typeof trial> {}
