/** Engines are comparable only when they ask the same. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { autocannon } from "../../../harness/engines/autocannon.ts";
import type { Engine } from "../../../harness/engines/engine.ts";
import { readymark } from "../../../harness/crosscheck/readymark.ts";
import { wrk } from "../../../harness/engines/wrk.ts";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";

/** The method, the path, and the headers but Host of every kind of request that the engine sends. */
async function requestsOf(engine: Engine): Promise<string[]> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    const { host: _host, connection: _connection, ...headers } = request.headers;
    seen.add(JSON.stringify([request.method, request.url, Object.entries(headers).toSorted()]));
    request.pipe(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const load = {
    protocol: "http",
    connections: 2,
    payloadBytes: 64,
    seconds: 1,
    cpus: allowedCpus().slice(0, 1),
    seed: 1,
  } as const;
  try {
    await engine.run({ host: "127.0.0.1", port, serverPids: [process.pid] }, load, "");
    return [...seen];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test.for([wrk, autocannon])("$name sends what the load generator sends", async (engine, { skip }) => {
  const availability = await engine.availability();
  if (!availability.available) return skip(availability.reason);
  expect(await requestsOf(engine)).toEqual(await requestsOf(readymark));
});
