/** The load generators that a reader knows, for whoever wants to check ours. */
import { Failure } from "../failure.ts";
import { unknownName } from "../unknown-name.ts";
import { autocannon } from "./autocannon.ts";
import type { Engine } from "./engine.ts";
import { wrk } from "./wrk.ts";

/** Both speak http only. */
export const OTHER_ENGINES: readonly Engine[] = [wrk, autocannon];

/** Throws a Failure for a name that none has. */
export function engineNamed(name: string): Engine {
  const found = OTHER_ENGINES.find((engine) => engine.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    "engine",
    name,
    OTHER_ENGINES.map((engine) => engine.name),
  );
}

/** Rejects with a Failure when one cannot run here. */
export async function requireEngines(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const availability = await engineNamed(name).availability();
    if (!availability.available) throw new Failure(4, `${name} cannot run here: ${availability.reason}.`);
  }
}
