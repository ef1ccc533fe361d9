/**
 * Runs the conformance cases against a server that is listening. The tests run the full form; the harness runs the
 * short form before it measures a cell, because a number for a server that answers wrongly means nothing.
 */
import type { ConformanceCase } from "../results/run.ts";
import {
  CONFORMANCE_FORMS,
  type ConformanceCaseDefinition,
  type ConformanceForm,
  type ConformanceTarget,
} from "./case.ts";
import { CONFORMANCE_CASES } from "./cases.ts";

export type { ConformanceTarget } from "./case.ts";

const DEFAULT_TIMEOUT_MS = 2000;

export interface ConformanceOptions {
  form: ConformanceForm;
  /** How long each case may take, milliseconds; a server that hangs fails a case then. 2000 when absent. */
  timeoutMs?: number;
}

/** Resolves with every case of the target's protocol, in order. Never rejects because of the server. */
export async function runConformance(
  target: ConformanceTarget,
  options: ConformanceOptions,
): Promise<ConformanceCase[]> {
  const results: ConformanceCase[] = [];
  for (const definition of casesFor(target, options.form)) {
    results.push(await runCase(definition, target, options.timeoutMs ?? DEFAULT_TIMEOUT_MS));
  }
  return results;
}

function casesFor({ protocol }: ConformanceTarget, form: ConformanceForm): ConformanceCaseDefinition[] {
  const size = CONFORMANCE_FORMS.indexOf(form);
  return CONFORMANCE_CASES.filter(
    (one) => one.protocols.includes(protocol) && CONFORMANCE_FORMS.indexOf(one.form) <= size,
  );
}

/** Runs one case; never rejects because of the server. */
export async function runCase(
  { name, run }: ConformanceCaseDefinition,
  target: ConformanceTarget,
  timeoutMs: number,
): Promise<ConformanceCase> {
  const ending = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    ending.abort();
  }, timeoutMs);
  try {
    await run(target, ending.signal);
    return { name, passed: true, reason: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name, passed: false, reason: isLate ? `Not done within ${timeoutMs} ms. ${message}` : message };
  } finally {
    clearTimeout(timer);
    // Closes every connection that the case has opened, however it ended.
    ending.abort();
  }
}
