/** The multiplexers that can run here, for tables of tests. */
import { multiplexers, type Multiplexer } from "../../../reactor/index.ts";

export const runnableKinds: Multiplexer[] = multiplexers().filter(({ obstacle }) => obstacle === null);
export const runnableNames: string[] = runnableKinds.map(({ name }) => name);
