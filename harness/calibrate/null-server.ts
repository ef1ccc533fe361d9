/** Starts `native/nullserver`, stops and continues it, and reads what it recorded. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOOPBACK } from "../children/server/server.ts";
import type { Protocol } from "../contract.ts";
import { spawnSupervised } from "../machine/supervised.ts";
import { NULLSERVER } from "../project.ts";
import { outputReader } from "../machine/child-output.ts";
import { withinSeconds } from "../machine/time-limit.ts";
import { Type } from "typebox";

/** A part of the messages, and the delay they get. */
export interface Delay {
  /** Share of the messages, 0 to 1; the shares of a mixture sum to 1. */
  share: number;
  delayNs: number;
}

/** What the server did with one message; nanoseconds of CLOCK_MONOTONIC. */
export interface Served {
  /** When the kernel received it; null when another message came with it, because it is then not known. */
  arrivedNs: number | null;
  /** The delay that was drawn for it. */
  orderedNs: number;
  /** Just before its answer was handed to the kernel. */
  sentNs: number;
}

/** A time in which the server did not run, though it never sleeps. */
export interface Gap {
  fromNs: number;
  toNs: number;
}

export interface Records {
  /** Answered messages, in the order of their answers. */
  messages: Served[];
  gaps: Gap[];
}

export interface NullServer {
  port: number;
  pid: number;
  /** The only Sec-WebSocket-Key that the server accepts; a client over ws must send it. */
  websocketKey: string;
  /** Ends the server and resolves with what it recorded; call it once. */
  finish(): Promise<Records>;
  /** Ends the server whatever it does; may follow `finish`. */
  stop(): Promise<void>;
}

const START_LIMIT_SECONDS = 5;
const FINISH_LIMIT_SECONDS = 5;

export async function startNullServer(options: {
  protocol: Protocol;
  payloadBytes: number;
  delays: readonly Delay[];
  seed: number;
  cpus: readonly number[];
  /** The IPv4 address to listen on; loopback unless given. */
  host?: string;
}): Promise<NullServer> {
  const folder = mkdtempSync(join(tmpdir(), "readymark-nullserver-"));
  const recordsFile = join(folder, "records.json");
  const websocketKey = randomBytes(16).toString("base64");
  let announce: (line: string) => void;
  const announced = new Promise<string>((resolve) => (announce = resolve));
  let stdout = "";
  const child = spawnSupervised({
    command: NULLSERVER,
    args: [
      ...[
        "serve",
        "--host",
        options.host ?? LOOPBACK,
        "--protocol",
        options.protocol,
        "--payload",
        String(options.payloadBytes),
      ],
      ...["--delays", options.delays.map(({ share, delayNs }) => `${share}:${delayNs}`).join(",")],
      ...["--seed", String(options.seed), "--records", recordsFile],
      ...["--websocket-key", websocketKey, "--websocket-accept", websocketAccept(websocketKey)],
    ],
    cpus: options.cpus,
    ipc: false,
    onStdout: (text) => {
      stdout += text;
      if (stdout.includes("\n")) announce(stdout);
    },
  });
  const stop = async (): Promise<void> => {
    await child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const failure = (how: string): Error =>
    new Error(`the null server ${how}: ${child.stderrTail().join(" | ") || "it said nothing"}`);
  try {
    const ended = child.ended.then((how) => Promise.reject(failure(how)));
    const { port, pid } = readAnnouncement(
      await withinSeconds(START_LIMIT_SECONDS, "starting the null server", Promise.race([announced, ended])),
    );
    return {
      port,
      pid,
      websocketKey,
      finish: async () => {
        process.kill(pid, "SIGTERM");
        const how = await withinSeconds(FINISH_LIMIT_SECONDS, "ending the null server", child.ended);
        if (how !== "exited with code 0") throw failure(how);
        return parseRecords(readFileSync(recordsFile, "utf8"));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a server answers to a key (RFC 6455, section 4.2.2). */
export function websocketAccept(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

const readAnnouncement = outputReader(
  "what the null server printed",
  Type.Object({ port: Type.Integer(), pid: Type.Integer() }),
);

const readRecords = outputReader(
  "the null server's record",
  Type.Object({
    messages: Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Number()])),
    gaps: Type.Array(Type.Tuple([Type.Number(), Type.Number()])),
  }),
);

function parseRecords(text: string): Records {
  const { messages, gaps } = readRecords(text);
  return {
    messages: messages.map(([arrivedNs, orderedNs, sentNs]) => ({
      arrivedNs: arrivedNs === 0 ? null : arrivedNs,
      orderedNs,
      sentNs,
    })),
    gaps: gaps.map(([fromNs, toNs]) => ({ fromNs, toNs })),
  };
}
