/** Servers that were not written for this project: any command that listens on PORT, or any address. */
import { withinSeconds } from "../../machine/time-limit.ts";
import { randomInt } from "node:crypto";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ephemeralRange } from "../../machine/ephemeral-ports.ts";
import { isOwnAddress, listenersOn, processTree } from "../../machine/proc.ts";
import { spawnSupervised } from "../../machine/supervised.ts";
import { LOOPBACK, StartError, type ServerSource } from "./server.ts";

const START_LIMIT_SECONDS = 15;
const POLL_INTERVAL_MS = 10;
const CONNECT_LIMIT_SECONDS = 2;
/** Those below need privileges, or are other services' by custom. */
const LOWEST_PORT = 10_000;
const PORTS_TO_CHOOSE_FROM = 12_000;
const PORT_ATTEMPTS = 20;

/**
 * Runs `command` in a shell with PORT, with HOST where it is to listen elsewhere than on loopback, and with what else is given, in
 * its environment, and waits until it listens there. The shell starts in `folder`, if there is one.
 */
export function commandServer(
  command: string,
  environment: Readonly<Record<string, string>> = {},
  folder?: string,
  host?: string,
): ServerSource {
  return async ({ cpus, port: wantedPort }) => {
    const port = wantedPort === 0 ? await freePort(host ?? LOOPBACK) : wantedPort;
    const child = spawnSupervised({
      command: "/bin/sh",
      args: ["-c", command],
      cpus,
      env: {
        ...{ ...process.env, ...environment, PORT: String(port) },
        ...(host === undefined ? {} : { HOST: host }),
      },
      ...(folder === undefined ? {} : { cwd: folder }),
      ipc: false,
    });
    try {
      const ended = child.ended.then((how) => {
        throw new Error(`the command ${how} before it listened on port ${port} (PORT in its environment)`);
      });
      const waiting = new AbortController();
      const listening = untilListening(port, waiting.signal);
      await withinSeconds(
        START_LIMIT_SECONDS,
        `listening on port ${port}`,
        Promise.race([ended, listening]),
      ).finally(() => waiting.abort());
      return {
        host: host ?? LOOPBACK,
        port,
        pids: () => processTree(child.supervisorPid).slice(1),
        startedHere: true,
        stderrTail: child.stderrTail,
        connectionsPerShard: async () => null,
        counters: async () => null,
        ended: child.ended,
        stop: child.kill,
      };
    } catch (error) {
      await child.kill();
      throw new StartError(error instanceof Error ? error.message : String(error), child.stderrTail());
    }
  };
}

/** A server that was started elsewhere and is not stopped here. Its CPU time is read when its process can be found. */
export function addressServer(host: string, port: number): ServerSource {
  return async () => {
    if (!(await accepts(host, port))) {
      throw new StartError(`nothing listens on ${host}:${port}; start the server first`, []);
    }
    return {
      host,
      port,
      // On another machine it has processes that nobody here can look at.
      pids: () => (isOwnAddress(host) ? listenersOn(port) : []),
      startedHere: false,
      stderrTail: () => [],
      connectionsPerShard: async () => null,
      counters: async () => null,
      ended: new Promise(() => undefined),
      stop: async () => undefined,
    };
  };
}

async function untilListening(port: number, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && listenersOn(port).length === 0) await delay(POLL_INTERVAL_MS);
}

function accepts(host: string, port: number): Promise<boolean> {
  const attempt = new Promise<boolean>((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
  return withinSeconds(CONNECT_LIMIT_SECONDS, `connecting to ${host}:${port}`, attempt).catch(() => false);
}

/**
 * A port that was free a moment ago, below those that the kernel gives away by itself, because a command takes a while until it
 * listens. It might lose a race for the port all the same, and then says so itself.
 */
async function freePort(host: string): Promise<number> {
  const high = ephemeralRange()?.low ?? 0;
  const low = Math.max(LOWEST_PORT, high - PORTS_TO_CHOOSE_FROM);
  const attempts = low < high ? PORT_ATTEMPTS : 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = await boundPort(randomInt(low, high), host).catch(() => null);
    if (port !== null) return port;
  }
  return boundPort(0, host);
}

function boundPort(wanted: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(wanted, host, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
