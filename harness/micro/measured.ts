/** What a process of `npm run micro` says of each piece. */
import { Type, type Static } from "typebox";
import { outputReader } from "../machine/child-output.ts";

const measured = Type.Object({
  /** Calls of the piece, the warm-up left out. */
  calls: Type.Integer({ minimum: 1 }),
  /** The mean of tinybench's samples, nanoseconds for each call. */
  nsPerCall: Type.Number({ exclusiveMinimum: 0 }),
  /** CPU time of the process, nanoseconds for each call. */
  cpuNsPerCall: Type.Number({ exclusiveMinimum: 0 }),
});
export type Measured = Static<typeof measured>;

/** By the piece's id. */
export const readMeasured = outputReader(
  "what the process of small pieces printed",
  Type.Record(Type.String(), measured),
);
