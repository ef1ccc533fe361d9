/** What the kernel holds in slabs for all of the machine, sockets among it. */
import { setTimeout as delay } from "node:timers/promises";
import { memoryField } from "./proc.ts";

const LOOK_MS = 100;
/** Far more than it takes: 10,000 connections were given back within 0.3 s of their end. */
const LIMIT_MS = 5000;
/** A machine at rest differs by less from one look to the next; a hundred connections are more. */
const AT_REST_BYTES = 256 * 1024;
/** More than one, because who closes them may only have been kept waiting for a CPU. */
const LOOKS_AT_REST = 2;

/** Bytes; null when the kernel does not say. */
export function slabBytes(): number | null {
  return memoryField("Slab");
}

/**
 * Bytes, once they fall no longer: connections that were closed are given back a little later, and whoever takes the
 * difference to a later look would find that much missing. Null when they still fall after five seconds.
 */
export async function settledSlabBytes(): Promise<number | null> {
  const untilMs = performance.now() + LIMIT_MS;
  let atRest = 0;
  for (let before = slabBytes(); before !== null && performance.now() < untilMs;) {
    await delay(LOOK_MS);
    const now = slabBytes();
    atRest = now !== null && before - now < AT_REST_BYTES ? atRest + 1 : 0;
    if (atRest === LOOKS_AT_REST) return now;
    before = now;
  }
  return null;
}
