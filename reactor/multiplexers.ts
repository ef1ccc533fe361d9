/** The multiplexers there are, and which of them can run here. */
import { addon, type NativeKind } from "../native/index.ts";

export type Multiplexer = NativeKind;

/** In the order of their age; `obstacle` says why one cannot run here. */
export function multiplexers(): Multiplexer[] {
  return addon.reactor.kinds();
}
