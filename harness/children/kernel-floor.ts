/**
 * The kernel floor: half of the CPU time of a loopback round trip on one thread, which is one receive and one send. It
 * is measured anew in every generation, because the machine's speed changes from minute to minute. `native/floor` says how.
 */
import { Type } from "typebox";
import { outputReader } from "../machine/child-output.ts";
import { spawnSupervised } from "../machine/supervised.ts";
import { FLOOR } from "../project.ts";
import type { FloorSample } from "../results/run.ts";

const MILLISECONDS = 200;

const readFloor = outputReader(
  "what the kernel floor's program printed",
  Type.Object({ roundTrips: Type.Integer({ minimum: 1 }), cpuNs: Type.Number({ exclusiveMinimum: 0 }) }),
);

export interface FloorRequest {
  generation: number;
  payloadBytes: number;
  /** The server's CPUs, because its share of the floor is what is asked for. */
  cpus: readonly number[];
  signal: AbortSignal;
}

/** Rejects with the signal's reason when aborted, and with a sentence when the program fails. */
export async function measureFloor({
  generation,
  payloadBytes,
  cpus,
  signal,
}: FloorRequest): Promise<FloorSample> {
  let output = "";
  const child = spawnSupervised({
    command: FLOOR,
    args: ["--payload", String(payloadBytes), "--milliseconds", String(MILLISECONDS)],
    cpus,
    onStdout: (text) => (output += text),
    ipc: false,
  });
  signal.addEventListener("abort", child.kill);
  try {
    const ending = await child.ended;
    signal.throwIfAborted();
    if (output === "")
      throw new Error(`The kernel floor could not be measured: ${ending}. ${child.stderrTail().join(" ")}`);
    const { roundTrips, cpuNs } = readFloor(output);
    // One thread is both ends of the round trip, and a server is one of them.
    return { generation, payloadBytes, operations: roundTrips, cpuNsPerOp: cpuNs / roundTrips / 2 };
  } finally {
    signal.removeEventListener("abort", child.kill);
  }
}
