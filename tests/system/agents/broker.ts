/** A NATS server for a test, with JetStream in a folder of the test's, and what stands in for it where there is none. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Why tests with a broker cannot run here; null when they can. */
export function brokerObstacle(): string | null {
  const { error } = spawnSync("nats-server", ["--version"]);
  return error === undefined
    ? null
    : "nats-server is not installed; on Debian: sudo apt-get install nats-server";
}

export interface Broker {
  url: string;
  /** Ends it at once, and starts it again in the same place. */
  restart(): Promise<void>;
  /** Makes it answer nothing for so long, while its connections stay. */
  hang(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startBroker(host = "127.0.0.1"): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), "readymark-test-"));
  const port = await freePort();
  let child = await start(host, port, folder);
  return {
    url: `nats://${host}:${port}`,
    restart: async () => {
      await end(child);
      child = await start(host, port, folder);
    },
    hang: async (ms) => {
      child.kill("SIGSTOP");
      await delay(ms);
      child.kill("SIGCONT");
    },
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(host: string, port: number, folder: string): Promise<ChildProcess> {
  const child = spawn("nats-server", ["-a", host, "-p", String(port), "-js", "-sd", folder], {
    stdio: "ignore",
  });
  while (!(await accepts(host, port))) await delay(20);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
