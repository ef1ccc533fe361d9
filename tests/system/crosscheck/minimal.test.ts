/** The minimal client as an engine: compiled on the spot, held against what a server in this process counts. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Load } from "../../../harness/engines/engine.ts";
import { minimal } from "../../../harness/engines/minimal.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";

const PAYLOAD_BYTES = 64;
const LOAD: Load = {
  protocol: "tcp",
  connections: 8,
  payloadBytes: PAYLOAD_BYTES,
  seconds: 0.3,
  cpus: allowedCpus(),
  seed: 1,
};

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "readymark-minimal-"));
  await minimal.prepare?.(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withServer<T>(
  onConnection: (socket: Socket) => void,
  use: (server: Server) => Promise<T>,
): Promise<T> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => server.once("listening", resolve));
    return await use(server);
  } finally {
    server.close();
  }
}

function run(server: Server) {
  const { port } = server.address() as AddressInfo;
  return minimal.run({ host: "127.0.0.1", port, serverPids: [] }, LOAD, folder);
}

test("it counts no more answers than the server gave, and its CPU time for each", async () => {
  let connections = 0;
  let bytes = 0;
  const echo = (socket: Socket): void => {
    connections += 1;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      socket.write(chunk);
    });
  };
  const seen = await withServer(echo, run);
  expect(connections).toBe(LOAD.connections);
  expect(seen.requestsPerSecond).toBeGreaterThan(0);
  // The server gave those of the warm-up, too.
  expect(seen.requestsPerSecond * LOAD.seconds).toBeLessThanOrEqual(bytes / PAYLOAD_BYTES);
  expect(seen.clientCpuNsPerRequest).toBeGreaterThan(0);
  expect(seen.latencyNs).toBeNull();
});

test("a server that closes is an error, not a number", async () => {
  await withServer(
    (socket) => socket.on("data", () => socket.destroy()),
    async (server) => {
      await expect(run(server)).rejects.toThrow("minimal_client exited with code 1");
    },
  );
});
