/** What a round trip costs the thinnest client, which shares no code with the generator. */
import { Type } from "typebox";
import { outputReader } from "../machine/child-output.ts";
import { spawnSupervised } from "../machine/supervised.ts";
import { NULLSERVER } from "../project.ts";
import { Disturbance, transportCosts, type TransportCost } from "./expected.ts";
import { startNullServer, type Delay } from "./null-server.ts";
import { PAYLOAD_BYTES } from "./delay-cases.ts";
import { watchMachine } from "./disturbance.ts";

const readRoundTrips = outputReader(
  "what the reference client printed",
  Type.Object({ roundTrips: Type.Array(Type.Tuple([Type.Number(), Type.Number()])) }),
);

export interface ReferenceRequest {
  delays: readonly Delay[];
  connections: number;
  /** How it waits for answers: the open loop spins, the closed loop sleeps. */
  wait: "spin" | "block";
  durationSeconds: number;
  seed: number;
  serverCpus: readonly number[];
  clientCpus: readonly number[];
}

/** One cost for each round trip. Throws a Disturbance when other processes interfered. */
export async function measureTransport(request: ReferenceRequest): Promise<TransportCost[]> {
  const { delays, seed, serverCpus, clientCpus } = request;
  const payloadBytes = PAYLOAD_BYTES;
  const server = await startNullServer({ protocol: "tcp", payloadBytes, delays, seed, cpus: serverCpus });
  try {
    const watch = watchMachine();
    const roundTrips = await runClient(request, server.port, clientCpus);
    const disturbance = watch.disturbance();
    const records = await server.finish();
    if (disturbance !== null) throw new Disturbance(disturbance);
    return transportCosts(roundTrips, records);
  } finally {
    await server.stop();
  }
}

async function runClient(
  { wait, connections, durationSeconds }: ReferenceRequest,
  port: number,
  cpus: readonly number[],
): Promise<{ sentNs: number; answeredNs: number }[]> {
  let stdout = "";
  const child = spawnSupervised({
    command: NULLSERVER,
    args: [
      ...["reference", "--port", String(port), "--payload", String(PAYLOAD_BYTES)],
      ...["--connections", String(connections), "--wait", wait],
      ...["--duration", String(Math.round(durationSeconds * 1e9))],
    ],
    cpus,
    ipc: false,
    onStdout: (text) => (stdout += text),
  });
  const how = await child.ended;
  if (how !== "exited with code 0")
    throw new Error(`the reference client ${how}: ${child.stderrTail().join(" | ")}`);
  const { roundTrips } = readRoundTrips(stdout);
  return roundTrips.map(([sentNs, answeredNs]) => ({ sentNs, answeredNs }));
}
