/**
 * What happens to a connection, step by step: its life under a server, the ways in which connecting fails, and what UDP
 * loses. `native/connection` makes each happen for real and measures it.
 */
import { Type, type Static } from "typebox";
import { Failure } from "../failure.ts";
import { outputReader } from "../machine/child-output.ts";
import { spawnSupervised } from "../machine/supervised.ts";
import { CONNECTION } from "../project.ts";

const time = Type.Integer({ minimum: 0 });
const address = Type.String();

/** Nanoseconds of each step of a client, in its order; they add up to the whole. */
const steps = Type.Object({
  ...{ socket: time, bind: time, connect: time, send: time },
  ...{ answer: time, shutdown: time, end: time, close: time },
});

export const life = Type.Object({
  /** Addresses as the client sees them, "127.0.0.1:80". */
  ...{ local: address, remote: address, stepsNs: steps, totalNs: time },
  /** When a server of the program's own did what, nanoseconds since the client began; null for another server. */
  server: Type.Union([
    Type.Null(),
    Type.Object({
      ...{ remote: address, acceptedNs: time, receivedNs: time },
      ...{ answeredNs: time, endedNs: time, closedNs: time },
    }),
  ]),
});
export type Life = Static<typeof life>;
export type Step = keyof Life["stepsNs"];

export const failure = Type.Object({
  way: Type.Union([
    Type.Literal("refused"),
    Type.Literal("unreachable"),
    Type.Literal("reset"),
    Type.Literal("timedOut"),
  ]),
  /** The name of the errno; null when the way could not be shown here. */
  error: Type.Union([Type.String(), Type.Null()]),
  waitedNs: Type.Union([time, Type.Null()]),
  reason: Type.Union([Type.String(), Type.Null()]),
});
export type ConnectFailure = Static<typeof failure>;

const count = Type.Integer({ minimum: 0 });
export const burst = Type.Object({
  /** What the kernel granted, its own bookkeeping included. */
  bufferBytes: count,
  ...{ payloadBytes: count, sent: count, received: count, echoed: count },
  /** By the kernel's own count. */
  dropped: count,
});
export type Burst = Static<typeof burst>;

const PROGRAM = "what the program of connections printed";
const readLives = outputReader(PROGRAM, Type.Array(life));
const readFailures = outputReader(PROGRAM, Type.Array(failure));
const readBurst = outputReader(PROGRAM, burst);

export interface Request {
  /** Where the client runs. */
  cpus: readonly number[];
  signal: AbortSignal;
}

/** The connection whose whole life took the middle of all times, so that its parts add up to what is shown. */
export async function middleLife(
  port: number,
  { connections, payloadBytes }: { connections: number; payloadBytes: number },
  request: Request,
): Promise<Life> {
  const words = ["life", String(port), String(connections), String(payloadBytes)];
  const lives = await output(words, readLives, request);
  const sorted = lives.toSorted((a, b) => a.totalNs - b.totalNs);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError("There is no middle of no connections.");
  return middle;
}

export function connectFailures(request: Request): Promise<ConnectFailure[]> {
  return output(["failures"], readFailures, request);
}

/** A burst to a socket that asks for so much buffer and does not read meanwhile. */
export function udpBurst(
  { bufferBytes, datagrams, payloadBytes }: { bufferBytes: number; datagrams: number; payloadBytes: number },
  request: Request,
): Promise<Burst> {
  return output(["udp", bufferBytes, datagrams, payloadBytes].map(String), readBurst, request);
}

async function output<Value>(
  args: readonly string[],
  read: (text: string) => Value,
  { cpus, signal }: Request,
): Promise<Value> {
  signal.throwIfAborted();
  let stdout = "";
  const child = spawnSupervised({
    ...{ command: CONNECTION, args, cpus, ipc: false },
    onStdout: (text) => (stdout += text),
  });
  signal.addEventListener("abort", child.kill);
  try {
    const how = await child.ended;
    signal.throwIfAborted();
    if (how === "exited with code 0") return read(stdout);
    throw new Failure(1, `The program of connections ${how}: ${child.stderrTail().join(" ")}`);
  } finally {
    signal.removeEventListener("abort", child.kill);
  }
}
